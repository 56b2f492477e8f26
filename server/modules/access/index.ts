export { identify } from './identify.ts'
export { addKey } from './keys.ts'
export { actorNames } from './names.ts'
export { permissionNames, permissions, wantsWholeGroup } from './permissions.ts'
export { signInUrl } from './routes.ts'
export { addSignInLink, anyoneInvited, sessionCookie, sessionsOf } from './sessions.ts'
export {
  actorOf,
  addStaff,
  administrator,
  type Employed,
  employ,
  giveRole,
  grantsOf,
  holdsScope,
  inReach,
  type Place,
  removeStaff,
  staffNames,
} from './staff.ts'
