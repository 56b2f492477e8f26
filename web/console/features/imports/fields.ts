/** What a column of a file can become. The names are those of the MAP of the command line. */
import type { ImportView } from '#modules/imports/contract'
import type { Say } from '../../texts/texts.ts'

const ofMembers = {
  person: ['name', 'familyName', 'givenName', 'birthDate', 'gender'],
  identity: ['externalId', 'phone', 'email', 'documentType', 'documentNumber', 'unionid'],
  address: ['addressLine', 'streetNumber', 'addressLine2', 'suburb', 'city', 'region', 'postcode', 'country'],
  more: ['source', 'tags', 'note'],
  opening: ['openingPoints', 'openingPointsExpireAt'],
  consents: [
    'consent.marketing@sms',
    'consent.marketing@email',
    'consent.marketing@wechat',
    'consent.marketing@phone',
    'consent.marketing@post',
    'consent.analytics@behaviour',
    'consent.marketing@profiling',
    'consent.sharing@partners',
    'consentedAt',
  ],
} as const

const ofOrders = {
  order: ['orderNumber', 'orderedAt', 'status', 'product', 'quantity', 'amount', 'currency', 'paymentMethod'],
  customer: ['customerExternalId', 'phone'],
} as const

type Group = keyof typeof ofMembers | keyof typeof ofOrders

/** The name of a target; `openid@ACCOUNT` and `custom.KEY` carry a part of their own. */
export function targetName(say: Say, target: string): string {
  const custom = /^custom\.(.+)$/.exec(target)?.[1]
  if (custom) return say('target.custom', { name: custom })
  const [, purpose, channel] = /^consent\.(\w+)@(\w+)$/.exec(target) ?? []
  if (purpose && channel) {
    const topic = `${channel}.${purpose}`
    return say('target.consent', { topic: say.code('topic', topic) ?? topic })
  }
  const [field = target, of = ''] = target.split('@')
  return say.code('field', field, { of }) ?? target
}

/** Choices for one column, by group; accounts that have openids, and a field of the group's own by the column's name. */
export function targetsFor(
  say: Say,
  {
    as,
    column,
    accounts,
  }: { as: ImportView['as']; column: string; accounts: readonly { code: string; name: string }[] },
): { label: string; options: { value: string; label: string }[] }[] {
  const groups: readonly [string, readonly string[]][] = Object.entries(as === 'members' ? ofMembers : ofOrders)
  // The key of an own field takes letters, digits, _ and -, so the rest of a header becomes _.
  const key = column
    .trim()
    .replace(/[^\p{L}\p{N}_-]+/gu, '_')
    .slice(0, 40)
  const own =
    as === 'members' ? [...accounts.map(({ code }) => `openid@${code}`), ...(key ? [`custom.${key}`] : [])] : []
  return [
    ...groups.map(([group, fields]) => ({
      label: say(`target.${group as Group}`),
      options: fields.map((field) => ({ value: field, label: targetName(say, field) })),
    })),
    ...(own.length > 0
      ? [
          {
            label: say('target.own'),
            options: own.map((target) => ({ value: target, label: targetName(say, target) })),
          },
        ]
      : []),
  ]
}
