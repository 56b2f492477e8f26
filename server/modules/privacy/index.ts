import './events.ts'

export { consentsOf, mayReach, type Reaching, reachable, type Statement, sayConsents } from './consents.ts'
export { handOver, holdingsOf, holds, looksOf } from './holdings.ts'
export { type ImportedConsent, importConsents, takeBackConsents } from './imported.ts'
export {
  type Given,
  givenTo,
  noteGiven,
  putRecipient,
  type Recipient,
  receivedBy,
  recipientFor,
  recipientOf,
  recipientsFor,
} from './recipients.ts'
export { askErasure, cancelErasure, previewOf, requestsOf } from './requests.ts'
export { keepFor } from './retention.ts'
export { shownConsent, shownPreview, shownReceived, shownRequest } from './routes.ts'
export { type Text, textsInForce } from './texts.ts'
export { consentTopics, membership, topics } from './topics.ts'
