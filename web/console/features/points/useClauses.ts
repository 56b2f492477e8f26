/** A rule as its clauses: when, if, then gives, within its group, when it arrives and lapses. */
import { useQuery } from '@tanstack/react-query'
import { listChannels } from '#modules/channels/contract'
import type { Conditions, listRules } from '#modules/points/contract'
import type { Output } from '#ui/call.ts'
import { reading } from '#ui/queries.ts'
import { useFormats, useSession } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import type { RuleVersion } from './Rules.tsx'

export interface Clause {
  key: string
  name: string
  text: string
}

type Condition = Conditions[number]
type Fact = Exclude<Condition, { any: unknown }>

export function useClauses(groups: Output<typeof listRules>['groups']): (version: RuleVersion) => Clause[] {
  const say = useText()
  const formats = useFormats()
  const { currency } = useSession().group
  const channels = useQuery(reading(listChannels, {}))
  const nameOf = new Map(channels.data?.channels.map(({ code, name }) => [code, name]))

  const fact = (of: Fact): string => {
    switch (of.fact) {
      case 'amount':
        return say('rules.ifAmount', { amount: formats.money(of.atLeastMinor, currency) })
      case 'channel':
        return say('rules.ifChannel', { of: of.in.map((code) => nameOf.get(code) ?? code).join(say('rules.or')) })
      case 'channel_kind':
        return say('rules.ifChannel', {
          of: of.in.map((kind) => say.code('channelKind', kind) ?? kind).join(say('rules.or')),
        })
      case 'payment_method':
        return say('rules.ifPaid', {
          of: of.in.map((method) => say.code('payment', method) ?? method).join(say('rules.or')),
        })
    }
  }
  const condition = (of: Condition) => ('any' in of ? of.any.map(fact).join(say('rules.or')) : fact(of))

  return ({ definition }) => {
    const { event, when, gives, group, expires, availableAfterDays } = definition
    const ofGroup = groups.find(({ code }) => code === group)
    return [
      { key: 'when', name: say('rules.when'), text: say(`ruleEvent.${event}`) },
      ...(when.length > 0
        ? [{ key: 'if', name: say('rules.if'), text: when.map(condition).join(say('rules.and')) }]
        : []),
      {
        key: 'gives',
        name: say('rules.gives'),
        text:
          gives.by === 'amount'
            ? say('rules.byAmount', {
                amount: formats.money(gives.perMinor, currency),
                points: formats.number(gives.points),
              })
            : say('rules.byEvent', { points: formats.number(gives.points) }),
      },
      ...(ofGroup
        ? [
            {
              key: 'group',
              name: say('rules.group'),
              text: say(
                ofGroup.definition.way === 'sum'
                  ? 'rules.sum'
                  : ofGroup.definition.window === 'day'
                    ? 'rules.maxOfDay'
                    : 'rules.max',
                { name: say.code('ownName', ofGroup.definition.name) ?? ofGroup.definition.name },
              ),
            },
          ]
        : []),
      {
        key: 'arrives',
        name: say('rules.arrives'),
        text: availableAfterDays === 0 ? say('rules.atOnce') : say('rules.afterDays', { count: availableAfterDays }),
      },
      {
        key: 'expires',
        name: say('rules.expires'),
        text:
          expires.mode === 'never'
            ? say('rules.never')
            : expires.mode === 'on'
              ? say('rules.onDay', { day: formats.calendarDate(expires.day) })
              : say('rules.afterThat', {
                  time: say(expires.unit === 'day' ? 'rules.days' : 'rules.months', { count: expires.count }),
                  end: say(`ruleEndOf.${expires.endOf}`),
                }),
      },
    ]
  }
}
