import './events.ts'

export { type Found, propose, proposeBookings } from './finding.ts'
export { confirmedPairs, howManyProposed, type TieView, tiesHeld, tiesOf } from './ties.ts'
