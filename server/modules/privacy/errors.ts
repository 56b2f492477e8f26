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
