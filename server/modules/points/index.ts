import './events.ts'

export {
  type Balance,
  balanceOf,
  balancesOf,
  type EntryOnPage,
  earnedThrough,
  entriesOf,
  lotsOf,
} from './balances.ts'
export {
  type Award,
  adjust,
  award,
  awardMany,
  type Debit,
  openingBalances,
  openingsOf,
  spend,
  sweep,
  takeBack,
  takeBackOpenings,
} from './ledger.ts'
export { addGroup, addRule, changeGroup, changeRule, ensureStartingRules } from './rulebook.ts'
export { type Broken, verify } from './verify.ts'
export { writeOff } from './writing-off.ts'
