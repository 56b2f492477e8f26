/**
 * What the browser is told to refuse in our name, and what we refuse of it: headers, the policy of what a page may load,
 * requests that a page of another site made.
 */
import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '#platform/errors'
import type { House } from '#platform/house'

/** Where the page is built, each of its style elements is marked by this; each answer has another value there. */
export const noncePlace = '__NONCE__'

export const newNonce = () => randomBytes(18).toString('base64')

/** Scripts only from our own files, styles from files or marked with this answer's nonce, nothing from elsewhere. */
export const pagePolicy = (nonce: string) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')

/** An answer that is no page loads nothing at all. */
const answerPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const unused = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]

export function secureHeaders(house: House, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff')
  reply.header('referrer-policy', 'no-referrer')
  reply.header('x-frame-options', 'DENY')
  reply.header('cross-origin-opener-policy', 'same-origin')
  reply.header('cross-origin-resource-policy', 'same-origin')
  reply.header('permissions-policy', unused.map((feature) => `${feature}=()`).join(', '))
  reply.header('content-security-policy', answerPolicy)
  if (house.publicUrl.startsWith('https:')) reply.header('strict-transport-security', 'max-age=31536000')
  reply.header('x-request-id', request.id)
}

/**
 * A page of another site can't act with a cookie of ours, nor sign somebody in as somebody else, whatever the browser
 * thinks of SameSite. Scripts send neither header, and an API key is in no browser's keeping.
 */
export function refuseForeignOrigin(house: House, request: FastifyRequest): void {
  const { origin, host, authorization } = request.headers
  if (request.method === 'GET' || request.method === 'HEAD' || authorization) return
  const site = request.headers['sec-fetch-site']
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
  const allowed = [new URL(house.publicUrl).host, host]
  const elsewhere = origin !== undefined && (!URL.canParse(origin) || !allowed.includes(new URL(origin).host))
  if (foreign || elsewhere)
    throw new Refusal('forbidden', 'request.foreign_origin', {}, 'This request comes from a page of another site.')
}
