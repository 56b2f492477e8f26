export { addSignInLink, anyoneInvited, identify, type Role, sessionCookie } from './access.ts'
export { signInUrl } from './routes.ts'
