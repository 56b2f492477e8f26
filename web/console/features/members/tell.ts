/** An event of the log as a line of the timeline. What this version has no words for is named by its type. */
import type { Formats } from '#ui/formats.ts'
import type { IconName } from '#ui/icons.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import type { Say } from '../../texts/texts.ts'

export interface Happening {
  icon: IconName
  tone: 'grey' | 'accent' | 'amber' | 'red'
  title: string
  details: string[]
}

interface Told {
  type: string
  channel: string | null
  payload: Record<string, unknown>
}

interface Words {
  say: Say
  formats: Formats
  /** Of the group, where the event names none. */
  currency: string
  nameOf: (channel: string) => string
  /** Of a tier, by its code. */
  tierOf: (code: string) => string
}

const looks: Record<string, [IconName, Happening['tone']]> = {
  'member.registered': ['user', 'accent'],
  'record.joined': ['merge', 'accent'],
  'record.updated': ['edit', 'grey'],
  'record.withdrawn': ['undo', 'grey'],
  'members.joined': ['merge', 'accent'],
  'members.parted': ['split', 'amber'],
  'record.taken_out': ['split', 'amber'],
  'member.related': ['home', 'grey'],
  'member.unrelated': ['home', 'grey'],
  'family.confirmed': ['members', 'accent'],
  'family.refused': ['members', 'grey'],
  'family.ended': ['members', 'grey'],
  'value.shown': ['eye', 'grey'],
  'consent.given': ['check', 'accent'],
  'consent.withdrawn': ['close', 'amber'],
  'member.erased': ['close', 'red'],
  'order.placed': ['card', 'grey'],
  'order.paid': ['card', 'grey'],
  'order.changed': ['card', 'grey'],
  'order.refunded': ['undo', 'red'],
  'order.cancelled': ['close', 'grey'],
  'order.withdrawn': ['undo', 'grey'],
}

export function tell({ type, channel, payload }: Told, { say, formats, currency, nameOf, tierOf }: Words): Happening {
  const [icon, tone] = looks[type] ?? (type.startsWith('points.') ? ['points', 'accent'] : ['clock', 'grey'])
  const number = (name: string) => (typeof payload[name] === 'number' ? (payload[name] as number) : null)
  const text = (name: string) => (typeof payload[name] === 'string' ? (payload[name] as string) : null)
  const money = (name: string) => {
    const minor = number(name)
    return minor === null ? null : formats.money(minor, text('currency') ?? currency)
  }
  const points = number('points') ?? 0
  const amount =
    money('amountMinor') ?? (type === 'points.adjusted' ? formats.signed(points) : formats.number(Math.abs(points)))
  const to = text('to')
  // A home store and who serves are told apart, as far as there are words for it.
  const title =
    type === 'points.tier_changed' && to
      ? say(text('by') === 'invited' ? 'event.points.tier_changed' : 'tier.fellBack', { tier: tierOf(to) })
      : (say.code('event', `${type}.${payload.kind}`) ?? say.code('event', type, { amount }) ?? type)
  const by = Array.isArray(payload.by)
    ? payload.by.map((kind) => say.code('evidence', String(kind).split('@')[0]!) ?? String(kind))
    : []
  const before = money('beforeMinor')
  const payment = text('paymentMethod')
  const field = type === 'value.shown' ? text('field') : null
  const details = [
    channel && nameOf(channel),
    text('store') && nameOf(text('store')!),
    ...by,
    before && say('event.before', { amount: before }),
    payment && (say.code('payment', payment) ?? payment),
    field && fieldName(say, field),
    text('importId') && say('event.byImport'),
  ]
  return { icon, tone, title, details: details.filter((detail): detail is string => Boolean(detail)) }
}
