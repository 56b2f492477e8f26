import './events.ts'

export {
  type Balance,
  balanceOf,
  balancesOf,
  type EntryOnPage,
  earnedThrough,
  entriesBetween,
  entriesOf,
  lotsOf,
} from './balances.ts'
export { invite, inviteMany, type TierNow, tierOf } from './invitations.ts'
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
export { worthOf } from './liability.ts'
export { addGroup, addRule, anyOwnRule, changeGroup, changeRule, ensureStartingRules } from './rulebook.ts'
export { addTier, changeTier, type Tier, tiers } from './tiers.ts'
export { type Broken, verify } from './verify.ts'
export { writeOff } from './writing-off.ts'
