export { addSignInLink, identify, type Role, sessionCookie } from './access.ts'
