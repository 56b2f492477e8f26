/** Where the centre keeps keyed hashes of phones, codes and of whose tries are counted. */
import { blindColumn } from '#platform/blind-indexes'

export const codesOfPhones = { table: 'centre.codes', column: 'phone' }
export const attempts = { table: 'centre.attempts', column: 'subject' }

export const blindIndexes = [
  blindColumn({ table: 'centre.accounts', column: 'phone' }),
  blindColumn(codesOfPhones),
  blindColumn({ table: 'centre.codes', column: 'code_hash' }),
  blindColumn(attempts),
]
