export { type Look, looksAt } from './looks.ts'
