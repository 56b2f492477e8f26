/**
 * Cleaning: what people and spreadsheets wrote becomes a value that can be compared, or a reason why not. Pure
 * functions without database and clock; each answers with an `Outcome`.
 */
export { BLANK, type ChangeCode, type Outcome, type ProblemCode } from './codes.ts'
export { codeOfName } from './codes-of-names.ts'
export { cleanConsent } from './consents.ts'
export { cleanCountry } from './countries.ts'
export { cleanBirthDate, cleanDate, cleanDateTime, dateOfParts, guessDayFirst } from './dates.ts'
export {
  cleanDocument,
  type DocumentType,
  documentTypeOf,
  documentTypes,
  isIdentityCard,
  type PersonalDocument,
} from './documents.ts'
export { cleanEmail } from './emails.ts'
export { cleanGender, type Gender } from './genders.ts'
export { cleanMoney, cleanQuantity, currencyOf, guessDecimalComma, type Money, minorDigitsOf } from './money.ts'
export { comparableNames, type NameComparison } from './name-comparison.ts'
export {
  cleanName,
  isNobody,
  looksLikeChineseName,
  type Name,
  type NameKey,
  pinyinOf,
  spelledPart,
} from './names.ts'
export {
  cleanOrderStatus,
  cleanPaymentMethod,
  type OrderStatus,
  orderStatuses,
  type PaymentMethod,
  paymentMethods,
} from './orders.ts'
export { type CountryCode, cleanPhone, type Phone } from './phones.ts'
export { frequentSurnames, isPinyin, surnameAtHead } from './surnames.ts'
export { cleanTags, cleanText, fold, halfWidth, isBlank, simplified } from './text.ts'
