export { identifyMember, memberCookie, membersSignedIn } from './accounts.ts'
export { verifyCardCode } from './cards.ts'
export { type Sms, type SmsSender, smsSenderOf } from './sms.ts'
