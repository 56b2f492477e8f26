export { weigh } from './entry.ts'
