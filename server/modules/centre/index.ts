export { identifyMember, memberCookie, membersSignedIn } from './accounts.ts'
export { verifyCardCode } from './cards.ts'
export { type Sms, type SmsSender, smsCarrier, smsSenderOf } from './sms.ts'
