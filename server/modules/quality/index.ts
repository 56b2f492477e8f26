export { askForDays } from './days.ts'
export { askForSurvey } from './survey.ts'
