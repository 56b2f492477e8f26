export { importsInForce } from './imports.ts'
