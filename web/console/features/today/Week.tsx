/** The numbers of the week beside the same days of the week before; each opens the members behind it. */
import { Link } from '@tanstack/react-router'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { Spark } from '../../parts/Spark.tsx'
import { useFormats, useSession } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import type { TodayData } from './Today.tsx'
import css from './Week.module.css'

interface Line {
  key: string
  name: string
  value: string
  days: readonly number[]
  /** Growth as a share, or of shares in points; null where there is nothing to hold it against. */
  change: string | null
  falling: boolean
  show: 'new' | 'paid'
}

export function Week({ today }: { today: TodayData | undefined }) {
  const say = useText()
  const formats = useFormats()
  const { group } = useSession()
  const week = today?.counted?.week
  const growth = ({ now, before }: { now: number; before: number }) =>
    before === 0 ? null : formats.signedPercent(now / before - 1)
  // What is written as no change is none.
  const falls = ({ now, before }: { now: number; before: number }) =>
    before > 0 && Math.round((now / before - 1) * 100) < 0
  const lines: Line[] = week
    ? [
        {
          key: 'newMembers',
          name: say('today.newMembers'),
          value: formats.number(week.newMembers.now),
          days: week.newMembers.days,
          change: growth(week.newMembers),
          falling: falls(week.newMembers),
          show: 'new' as const,
        },
        ...(week.orders
          ? [
              {
                key: 'orders',
                name: say('today.orders'),
                value: formats.number(week.orders.now),
                days: week.orders.days,
                change: growth(week.orders),
                falling: falls(week.orders),
                show: 'paid' as const,
              },
            ]
          : []),
        ...(week.revenueMinor
          ? [
              {
                key: 'revenue',
                name: say('today.revenue'),
                value: formats.money(Math.round(week.revenueMinor.now / 100) * 100, group.currency),
                days: week.revenueMinor.days,
                change: growth(week.revenueMinor),
                falling: falls(week.revenueMinor),
                show: 'paid' as const,
              },
            ]
          : []),
        ...(week.returning
          ? [
              {
                key: 'returning',
                name: say('today.returning'),
                value: week.returning.now === null ? '–' : formats.percent(week.returning.now),
                days: [],
                change:
                  week.returning.now === null || week.returning.before === null
                    ? null
                    : say('today.share', {
                        n: formats.signed(Math.round((week.returning.now - week.returning.before) * 100)),
                      }),
                falling: (week.returning.now ?? 0) < (week.returning.before ?? 0),
                show: 'paid' as const,
              },
            ]
          : []),
        ...(week.pointsGiven
          ? [
              {
                key: 'points',
                name: say('today.pointsGiven'),
                value: formats.number(week.pointsGiven.now),
                days: week.pointsGiven.days,
                change: growth(week.pointsGiven),
                falling: false,
                show: 'paid' as const,
              },
            ]
          : []),
      ]
    : []
  return (
    <section className={css.week}>
      <h2>
        {say('today.week')} {week && <small>{say('today.weekFrom', { from: formats.calendarDay(week.from) })}</small>}
      </h2>
      {today?.counted === null ? (
        <p className={css.away}>{say('today.away')}</p>
      ) : week ? (
        <ul>
          {lines.map(({ key, name, value, days, change, falling, show }) => (
            <li key={key}>
              <Link to="/members" search={{ show }} className={css.line}>
                <span className={css.name}>{name}</span>
                <Spark values={days} falling={falling} />
                <span className={css.value}>
                  <b>{value}</b>
                  <small data-falling={falling || undefined}>{change ?? say('today.noBefore')}</small>
                </span>
              </Link>
            </li>
          ))}
          <li className={css.counted}>{say('today.countedAt', { at: formats.time(today!.counted!.at) })}</li>
        </ul>
      ) : (
        [1, 2, 3, 4, 5].map((row) => (
          <div key={row} className={css.line}>
            <Skeleton width={70} />
            <Skeleton width={90} height={24} />
          </div>
        ))
      )}
    </section>
  )
}
