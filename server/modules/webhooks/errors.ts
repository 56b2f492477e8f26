import { Refusal } from '#platform/errors'
import type { NoAnswer } from '#platform/outside'

export const endpointUnknown = (endpointId: string) =>
  new Refusal('not_found', 'webhooks.unknown', { endpointId }, `There is no webhook ${endpointId}.`)

export const endpointExists = (endpointId: string) =>
  new Refusal(
    'conflict',
    'webhooks.exists',
    { endpointId },
    `Webhook ${endpointId} is there already; its secret is shown once. Change it by PUT.`,
  )

export const deliveryUnknown = (eventId: string) =>
  new Refusal(
    'not_found',
    'webhooks.delivery_unknown',
    { eventId },
    `This webhook was not told of event ${eventId}, or that is no longer kept.`,
  )

/** Nobody is told what their role may not read. */
export const kindNotPermitted = (kind: string, permission: string) =>
  new Refusal(
    'invalid',
    'webhooks.kind_not_permitted',
    { kind, permission },
    `Events ${kind} are for roles with the permission ${permission}. Choose another role, or leave them out.`,
  )

const whyNot: Partial<Record<NoAnswer, string>> = {
  unknown_host: 'No machine of this name is known.',
  not_secure: 'Use an address that begins with https://.',
}

export const addressRefused = (problem: NoAnswer) =>
  new Refusal(
    'invalid',
    'webhooks.address_refused',
    { field: 'url', problem },
    whyNot[problem] ??
      'This address is within a private network. To allow that, name the network in ROUNDTRIP_WEBHOOK_NETWORKS.',
  )
