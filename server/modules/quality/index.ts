export { keepDay } from './days.ts'
export { survey } from './survey.ts'
