export { addSignInLink, anyoneInvited, identify, type Role, sessionCookie } from './access.ts'
export { actorNames } from './names.ts'
export { signInUrl } from './routes.ts'
