export { identifyMember, memberCookie } from './accounts.ts'
export { verifyCardCode } from './cards.ts'
export type { Sms, SmsSender } from './sms.ts'
