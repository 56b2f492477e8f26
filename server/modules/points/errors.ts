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
