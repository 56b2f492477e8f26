export { isSigned, signedHeaders } from './signature.ts'
