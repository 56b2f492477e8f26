import { Refusal } from '#platform/errors'

export const textChanged = (topic: string, version: number) =>
  new Refusal(
    'conflict',
    'privacy.text_changed',
    { topic, version },
    `The text of ${topic} has a newer version, ${version}. Show that one and ask again.`,
  )

export const topicUnknown = (topic: string) =>
  new Refusal('invalid', 'privacy.topic_unknown', { topic }, `There is nothing to consent to that is called ${topic}.`)

export const requestNotFound = (requestId: string) =>
  new Refusal('not_found', 'privacy.request_unknown', { requestId }, `There is no request ${requestId}.`)

export const requestOver = (requestId: string, state: string) =>
  new Refusal(
    'conflict',
    'privacy.request_over',
    { requestId, state },
    `Request ${requestId} is ${state}: only one that waits can be cancelled.`,
  )

export const askedAlready = (requestId: string) =>
  new Refusal(
    'conflict',
    'privacy.asked_already',
    { requestId },
    'Erasing this person is asked for already. Cancel that request first, or wait for it.',
  )

export const erasedAlready = () =>
  new Refusal('conflict', 'privacy.erased', {}, 'This person was erased; nothing about them is held any more.')

export const ruleUnknown = (kind: string) =>
  new Refusal('not_found', 'privacy.rule_unknown', { kind }, `There is no retention rule ${kind}.`)

export const recipientUnknown = (recipientId: string) =>
  new Refusal(
    'not_found',
    'privacy.recipient_unknown',
    { recipientId },
    `There is no recipient ${recipientId} on file.`,
  )

export const recipientEnded = (name: string) =>
  new Refusal('conflict', 'privacy.recipient_ended', { name }, `Nothing is given to ${name} any more: it was ended.`)

export const agreementOver = (name: string, until: string) =>
  new Refusal(
    'conflict',
    'privacy.agreement_over',
    { name, until },
    `The agreement with ${name} held until ${until}. Put the new one on file first.`,
  )

export const notForThis = (name: string, use: string) =>
  new Refusal(
    'conflict',
    'privacy.recipient_not_for_this',
    { name, use },
    `${name} is not on file for ${use}. Add that to what it is used for, if the agreement covers it.`,
  )

export const transferNeeded = (country: string) =>
  new Refusal(
    'invalid',
    'privacy.transfer_needed',
    { country },
    `A recipient in ${country} is abroad: say in "transfer" on what giving data there stands.`,
  )
