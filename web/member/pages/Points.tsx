/** Points: what there is, and each record with the calculation that made it. */
import { useId, useState } from 'react'
import type { Formats } from '#ui/formats.ts'
import type { Answer } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { Note } from '../parts/Note.tsx'
import { Bones, Failed, Nothing } from '../parts/State.tsx'
import { usePages } from '../parts/usePages.ts'
import yangshuo from '../scenes/yangshuo.svg?url'
import { type Say, useCode, useFormats, useLanguage, useProblem, useText } from '../texts/texts.ts'
import page from './Page.module.css'
import css from './Points.module.css'

type Me = Answer<'readMe'>
type Entry = Answer<'readEntries'>['entries'][number]

export function Points({ me }: { me: Me }) {
  const say = useText()
  const problem = useProblem()
  const formats = useFormats(me.group.timeZone)
  const { pages, isOpen, error, again, next, more, isBusy, failed } = usePages('readEntries', 100)
  // They come in the order in which they were written; a member reads them by when it happened.
  const entries = pages.flatMap((one) => one.entries).sort((a, b) => (a.eventAt < b.eventAt ? 1 : -1))
  const month = useMonth(me.group.timeZone)
  const months = Map.groupBy(entries, ({ eventAt }) => month(eventAt))
  return (
    <>
      <h1 className={page.title}>{say('points.title')}</h1>
      <Sum me={me} say={say} formats={formats} />
      {isOpen ? (
        entries.length > 0 ? (
          [...months].map(([name, records]) => (
            <section key={name} aria-label={name}>
              <h2 className={css.month}>{name}</h2>
              <ul className={`${page.panel} ${css.records}`}>
                {records.map((entry) => (
                  <Record key={entry.id} entry={entry} me={me} />
                ))}
              </ul>
            </section>
          ))
        ) : (
          <div style={{ marginTop: 20 }}>
            <Nothing scene={yangshuo} title={say('points.emptyTitle')}>
              {say('points.empty')}
            </Nothing>
          </div>
        )
      ) : error ? (
        <Failed error={error} again={again} />
      ) : (
        <Bones heights={[24, 280]} />
      )}
      {failed !== null && <Note>{problem(failed)}</Note>}
      {next && (
        <div className={page.more}>
          <Button look="line" busy={isBusy} onClick={more}>
            {say('more')}
          </Button>
        </div>
      )}
    </>
  )
}

function useMonth(timeZone: string): (at: string) => string {
  const language = useLanguage()
  const format = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'long', timeZone })
  return (at) => format.format(new Date(at)).replace(/(?<=\d)(?=\p{Script=Han})|(?<=\p{Script=Han})(?=\d)/gu, '\u00a0')
}

function Sum({ me: { points, group }, say, formats }: { me: Me; say: Say; formats: Formats }) {
  const leaving = Math.min(points.nextExpiry?.amount ?? 0, points.available)
  const parts = [
    { name: 'lasting', amount: points.available - leaving, label: say('points.lasting') },
    {
      name: 'leaving',
      amount: leaving,
      label: points.nextExpiry && say('points.until', { date: formats.lastDay(points.nextExpiry.at) }),
    },
    {
      name: 'coming',
      amount: points.pending,
      label: points.nextArrival && say('points.from', { date: formats.date(points.nextArrival.at) }),
    },
  ].filter(({ amount }) => amount > 0)
  return (
    <div className={css.sum}>
      <p>{say('card.available')}</p>
      <div className={css.big}>{formats.number(points.available)}</div>
      {points.worthMinor !== null && points.worthMinor > 0 && (
        <p>{say('points.worth', { amount: formats.money(points.worthMinor, group.currency) })}</p>
      )}
      {points.deficit > 0 && (
        <p>
          {say('sum.owed')} {formats.number(points.deficit)}
        </p>
      )}
      {parts.length > 0 && (
        <>
          <div className={css.stack} aria-hidden="true">
            {parts.map(({ name, amount }) => (
              <i key={name} className={css[name]} style={{ flexGrow: amount }} />
            ))}
          </div>
          <div className={css.keys}>
            {parts.map(({ name, amount, label }) => (
              <div key={name}>
                <i className={css[name]} />
                {label}
                <b>{formats.number(amount)}</b>
              </div>
            ))}
          </div>
        </>
      )}
    </div>
  )
}

const icons: Partial<Record<Entry['kind'], IconName>> = {
  award: 'orders',
  adjustment: 'hand',
  take_back: 'undo',
  expiry: 'clock',
  activation: 'clock',
}

function Record({ entry, me }: { entry: Entry; me: Me }) {
  const say = useText()
  const formats = useFormats(me.group.timeZone)
  const lineText = useLineText(me)
  const [isOpen, open] = useState(false)
  const id = useId()
  const { kind, points, pending, deficit, lines, lot, order, reason } = entry
  const kindName = say(`entry.${kind}`)
  const waits = points === 0 && pending !== 0
  const amount = waits ? pending : points
  const title =
    order?.product ?? (order?.number ? say('orders.number', { number: order.number }) : (reason ?? kindName))
  const notes = [
    lot && Date.parse(lot.availableAt) > Date.now() && say('points.goodFrom', { date: formats.date(lot.availableAt) }),
    lot && (lot.expiresAt ? say('points.goodUntil', { date: formats.lastDay(lot.expiresAt) }) : say('points.forever')),
    lot && lot.remaining < amount && say('points.left', { points: formats.number(lot.remaining) }),
    deficit < 0 && say('points.owes', { points: formats.number(-deficit) }),
  ].filter((note): note is string => typeof note === 'string')
  const explains = lines.length > 0 || notes.length > 0
  const row = (
    <>
      <span className={css.icon}>
        <Icon name={icons[kind] ?? 'points'} size={22} />
      </span>
      <span>
        <b>{title}</b>
        <small>
          {[formats.day(entry.eventAt).date, title === kindName ? null : kindName].filter(Boolean).join(say('comma'))}
        </small>
      </span>
      <span className={css.value} data-gain={amount > 0 || undefined}>
        {formats.signed(amount).replace('-', '−')}
        {(waits || amount > 0) && <small>{say(waits ? 'points.waits' : 'points.inUse')}</small>}
      </span>
    </>
  )
  return (
    <li className={css.record}>
      {explains ? (
        <button
          type="button"
          className={css.line}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => open(!isOpen)}
        >
          {row}
          <span className={css.arrow}>
            <Icon name="down" size={18} />
          </span>
        </button>
      ) : (
        <div className={css.line}>{row}</div>
      )}
      <div id={id} hidden={!isOpen} className={css.why}>
        {lines.map((line, at) => {
          const counted = line.params.points
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines don't move
            <div key={at} data-off={typeof counted !== 'number' || undefined}>
              <span>{lineText(line)}</span>
              <span>{typeof counted === 'number' ? formats.number(counted) : '—'}</span>
            </div>
          )
        })}
        {lines.length > 0 && (
          <div className={css.total}>
            <span>{say('points.sum')}</span>
            <b>{formats.number(amount)}</b>
          </div>
        )}
        {notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </div>
    </li>
  )
}

/** A line in words: amounts as money, names that the program gave itself in the reader's language. */
function useLineText(me: Me): (line: Entry['lines'][number]) => string {
  const code = useCode()
  const formats = useFormats(me.group.timeZone)
  return (line) => {
    const { params } = line
    const currency = typeof params.currency === 'string' ? params.currency : me.group.currency
    const money = (minor: unknown) => (typeof minor === 'number' ? formats.money(minor, currency) : '')
    const named = (name: unknown) => (typeof name === 'string' ? (code('rule', name) ?? name) : '')
    const values = {
      rule: named(params.rule),
      lostTo: named(params.lostTo),
      wouldGive: typeof params.wouldGive === 'number' ? formats.number(params.wouldGive) : '',
      amount: money(params.amountMinor),
      from: money(params.fromMinor),
      to: money(params.toMinor),
    }
    const finer =
      line.code === 'rule' && typeof params.amountMinor === 'number'
        ? 'rule_of'
        : line.code === 'called_back'
          ? `called_back_${params.why}`
          : line.code
    return code('line', finer, values) ?? code('line', line.code, values) ?? line.code
  }
}
