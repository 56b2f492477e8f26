export { homesOf, personsOf } from './homes.ts'
