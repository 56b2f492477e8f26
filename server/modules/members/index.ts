export { join, joinMany, joinPreview, part } from './decisions.ts'
export { companyOf, homesOf, homesOfAll, personsOf } from './homes.ts'
export { cleanRecord, type Intake, type IntakeOptions } from './intake.ts'
export { masked } from './masking.ts'
export { type PersonView, personOf } from './person.ts'
export {
  type PutOptions,
  type PutRecord,
  putRecords,
  standingRecords,
} from './records.ts'
export { type FoundRow, findPersons, howManyPersons, maskedPhones, recordPage } from './search.ts'
export {
  isAboutNobody,
  knownByContent,
  overlay,
  type PreparedRecord,
  prepareRecord,
  type RecordValues,
} from './values.ts'
export { withdrawalOf, withdrawVersions } from './withdrawal.ts'
