import './events.ts'

export { type Found, propose, proposeBookings } from './finding.ts'
export {
  confirm,
  confirmedPairs,
  howManyProposed,
  proposals,
  refuse,
  type TieView,
  tiesHeld,
  tiesOf,
} from './ties.ts'
