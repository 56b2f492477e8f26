/** Where access keeps keyed hashes: of whose tries are counted, and of recovery codes. */
import { blindColumn } from '#platform/blind-indexes'

export const tries = { table: 'access.tries', column: 'subject' }

export const blindIndexes = [blindColumn(tries), blindColumn({ table: 'access.recovery_codes', column: 'code_hash' })]
