export { importsInForce, membersImported } from './imports.ts'
