/** Where the routes of the centre are answered. `addresses.test.ts` holds them against the contract. */
import type { Pattern } from '#platform/contract'

export const patterns = {
  readStart: 'GET /centre/start',
  askCode: 'POST /centre/codes',
  signIn: 'POST /centre/sessions',
  signOut: 'DELETE /centre/session',
  readMe: 'GET /centre/me',
  readCard: 'GET /centre/card',
  readEntries: 'GET /centre/points-entries',
  readOrders: 'GET /centre/orders',
  readProfile: 'GET /centre/profile',
  changeProfile: 'PUT /centre/profile',
  chooseLanguage: 'PUT /centre/language',
  readPrivacy: 'GET /centre/privacy',
  chooseConsent: 'PUT /centre/consents',
  readHoldings: 'POST /centre/exports',
  readErasure: 'GET /centre/erasure',
  askErasureCode: 'POST /centre/erasure-codes',
  eraseMe: 'POST /centre/erasures',
  cancelErasure: 'DELETE /centre/erasure',
} as const satisfies Record<string, Pattern>
