export { identify } from './identify.ts'
export { addKey } from './keys.ts'
export { actorNames, type Capacity, capacitiesOf } from './names.ts'
export { permissionNames, permissions, wantsWholeGroup } from './permissions.ts'
export { shownRoles, signInUrl } from './routes.ts'
export { addSignInLink, anyoneInvited, sessionCookie, sessionsOf } from './sessions.ts'
export {
  actorOf,
  actorWith,
  addStaff,
  administrator,
  type Employed,
  employ,
  endGrant,
  giveRole,
  grantsOf,
  type HeldRight,
  holdsScope,
  inReach,
  type Place,
  removeStaff,
  staffNames,
} from './staff.ts'
