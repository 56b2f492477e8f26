import { Refusal } from '#platform/errors'

export const insufficientPoints = (needed: number, available: number) =>
  new Refusal(
    'conflict',
    'points.insufficient',
    { needed, available },
    `${needed} points are needed, ${available} can be spent.`,
  )

export const amountNotPositive = (points: number) =>
  new Refusal('invalid', 'points.amount', { points }, `An amount of points is a whole number above 0, not ${points}.`)

export const sourceReused = (source: string, given: number, wanted: number) =>
  new Refusal(
    'conflict',
    'points.source_reused',
    { source, given, wanted },
    `${source} has given ${given} points already and can't give ${wanted} as well.`,
  )

export const ruleExists = (code: string) =>
  new Refusal(
    'conflict',
    'points.rule_exists',
    { code },
    `There is a rule or group ${code} already; save a new version.`,
  )

export const ruleUnknown = (code: string) =>
  new Refusal('not_found', 'points.rule_unknown', { code }, `There is no rule or group ${code}.`)

export const groupUnknown = (code: string) =>
  new Refusal(
    'invalid',
    'points.group_unknown',
    { code },
    `The rule names the group ${code}, which is not there or begins later than the rule.`,
  )

export const ruleChanged = (code: string) =>
  new Refusal('conflict', 'points.rule_changed', { code }, `Somebody has saved ${code} at this moment; look again.`)

export const effectiveInPast = (code: string, effectiveAt: string) =>
  new Refusal(
    'invalid',
    'points.effective_in_past',
    { code, effectiveAt },
    `Only the first version of ${code} may take effect in the past: points have been given by the version before.`,
  )

export const pageUnknown = (before: string) =>
  new Refusal('invalid', 'points.page_unknown', { before }, 'This page mark is not one that was given out.')

export const tierExists = (code: string) =>
  new Refusal(
    'conflict',
    'points.tier_exists',
    { code },
    `There is or was a tier ${code} already; choose another code.`,
  )

export const tierUnknown = (code: string) =>
  new Refusal('not_found', 'points.tier_unknown', { code }, `There is no tier ${code}.`)

export const tierNameMissing = (language: string) =>
  new Refusal(
    'invalid',
    'points.tier_name_missing',
    { field: 'names', language },
    `A tier needs a name in ${language}, which the group speaks first.`,
  )

export const tierHeld = (code: string, members: number) =>
  new Refusal(
    'conflict',
    'points.tier_held',
    { code, members },
    `${members} members are in the tier ${code} by invitation; end their invitations first.`,
  )

export const tierIsFirst = (code: string) =>
  new Refusal(
    'conflict',
    'points.tier_is_first',
    { code },
    `Everybody who is not invited to another tier is in ${code}; put another one first before it is taken out.`,
  )

export const tierOrderStale = () =>
  new Refusal(
    'conflict',
    'points.tier_order_stale',
    {},
    'The order must name every tier once; somebody has changed the list, look again.',
  )

export const tiersTooMany = (most: number) =>
  new Refusal('conflict', 'points.tiers_too_many', { most }, `A group has at most ${most} tiers.`)

export const tierNeedsNoInvitation = (code: string) =>
  new Refusal(
    'invalid',
    'points.tier_needs_no_invitation',
    { field: 'tier', code },
    `Everybody is in ${code} without an invitation; end the one that is in force instead.`,
  )

export const untilPast = (until: string) =>
  new Refusal(
    'invalid',
    'points.tier_until_past',
    { field: 'until', until },
    `The last day of an invitation can't be ${until}, which is over.`,
  )

export const invitationUnknown = (id: string) =>
  new Refusal('not_found', 'points.invitation_unknown', { id }, `This member has no invitation ${id}.`)
