export {
  type Amendment,
  amendRecords,
  fillFindings,
  lacksFindings,
  recordsAfter,
  type StandingRecord,
  saidBefore,
  standingOf,
} from './amending.ts'
export { type Contact, contactsOf } from './contacts.ts'
export { decisionsBetween, join, joinMany, joinPreview, keepApart, part, settleApart } from './decisions.ts'
export {
  type Erased,
  type ErasureParticipant,
  erasedAmong,
  erasedOf,
  erasedSince,
  eraseHomes,
  prepareErasure,
  refusalsOf,
  whenErased,
} from './erasure.ts'
export { type Behind, refuseFew, told } from './few.ts'
export { findingsOfPersons, type PersonFindings, personsInReview, staffWhoServe } from './finding-rows.ts'
export { qualityFields } from './findings.ts'
export { type Holder, holdersOf } from './holders.ts'
export { companyOf, differentPersons, homesOf, homesOfAll, personsOf } from './homes.ts'
export { cleanRecord, type Intake, type IntakeOptions } from './intake.ts'
export { masked } from './masking.ts'
export {
  type DecidedPair,
  decidedPairs,
  dropMatchReviews,
  joinByMatch,
  type Match,
  noteMatchReviews,
} from './matches.ts'
export { type Mentions, mentionsOf } from './mentions.ts'
export { recordsNotOf } from './origins.ts'
export { type PersonView, personOf } from './person.ts'
export {
  type PutOptions,
  type PutRecord,
  putRecords,
  standingRecords,
} from './records.ts'
export {
  everyRefusal,
  howManyRefused,
  isRefused,
  liftRefusal,
  listOfRefused,
  refuse,
  refusedAmong,
} from './refusals.ts'
export { addRelations, type NewRelation, relationsOf } from './relations.ts'
export { countReviews, decideReview, partsOf, reviewQueue, undoReviewDecision } from './review-queue.ts'
export { type Face, facesOf, namesOf, type OpenReview, openReviews } from './reviews.ts'
export { eventsInScope, factsInScope, homeInScope, seenHomes, servedHomes } from './scope.ts'
export {
  type OpenRecord,
  openRecordsOf,
  recordsSince,
  roughlyRecords,
  type SealedRecord,
  sealedRecords,
  spreadOfRecords,
} from './sealed-records.ts'
export { type FoundRow, findPersons, howManyPersons, maskedPhones, personsSearched, recordPage } from './search.ts'
export { sayOfValue, sharedValues, unsayOfValue } from './shared-values.ts'
export {
  isAboutNobody,
  knownByContent,
  nobody,
  overlay,
  type PreparedRecord,
  prepareRecord,
  type RecordValues,
} from './values.ts'
export { forgetWithdrawn, keyOfHome, type OpenedVersion, versionsOf } from './versions.ts'
export { withdrawalOf, withdrawVersions } from './withdrawal.ts'
