export { weigh } from './entry.ts'
export { findHouseholds } from './matching.ts'
