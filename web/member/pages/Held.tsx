/** Everything that is held of the member, to read, to print and to take along as a file. */
import { type ReactNode, useState } from 'react'
import { type Answer, ask } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Note } from '../parts/Note.tsx'
import { Way } from '../parts/Way.tsx'
import { lookedBy, useCode, useFormats, useLanguage, useProblem, useText } from '../texts/texts.ts'
import css from './Held.module.css'
import page from './Page.module.css'
import privacy from './Privacy.module.css'

type Held = Answer<'readHoldings'>

export default function HeldPage({ me }: { me: Answer<'readMe'> }) {
  const say = useText()
  const problem = useProblem()
  const formats = useFormats(me.group.timeZone)
  const [held, setHeld] = useState<Held | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const make = async () => {
    setBusy(true)
    setFailed(null)
    try {
      setHeld(await ask('readHoldings', {}))
    } catch (error) {
      setFailed(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className={css.page}>
      <Way to="/privacy" className={privacy.back}>
        <Icon name="back" />
        {say('privacy.title')}
      </Way>
      <h1 className={page.title}>{say('held.title')}</h1>
      {held === null ? (
        <div className={privacy.act}>
          <p>{say('held.ask')}</p>
          <Button busy={isBusy} onClick={make}>
            {say('held.make')}
          </Button>
        </div>
      ) : (
        <>
          <p className={privacy.lead}>{say('held.made', { group: held.group, date: formats.dateTime(held.madeAt) })}</p>
          <div className={css.acts}>
            <Button look="soft" onClick={() => keep(held)}>
              {say('held.download')}
            </Button>
            <Button look="line" onClick={() => print()}>
              {say('held.print')}
            </Button>
          </div>
          <Sections held={held} timeZone={me.group.timeZone} />
        </>
      )}
      {failed !== null && <Note>{problem(failed)}</Note>}
    </div>
  )
}

/** As a file of this browser; nothing of it is kept on the server. */
function keep(held: Held): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }))
  link.download = `my-data-${held.madeAt.slice(0, 10)}.json`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

function Sections({ held, timeZone }: { held: Held; timeZone: string }) {
  const say = useText()
  const code = useCode()
  const language = useLanguage()
  const formats = useFormats(timeZone)
  const money = (minor: number, currency: string) => formats.money(minor, currency)
  const { families = [], ...others } = held.others
  // Many a value is a time; the file has it exactly.
  const shown = (value: string | number | boolean | null) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? formats.dateTime(value) : String(value ?? '')
  return (
    <div lang={language}>
      <Section title={say('held.records')}>
        {held.records.map((record) => (
          <section key={`${record.home} ${record.version} ${record.isPast}`} className={css.record}>
            <h3>
              {record.channel.name}
              <small>
                {formats.date(record.seenAt)}
                {record.isPast && ` · ${say('held.past')}`}
              </small>
            </h3>
            <dl>
              {record.fields.map(({ field, value }) => (
                <div key={field}>
                  <dt>{code('field', field) ?? field}</dt>
                  <dd>{field === 'phoneVerified' ? say('held.yes') : value}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </Section>
      <Table
        title={say('held.orders')}
        rows={held.orders.map((order) => [
          formats.date(order.orderedAt),
          [order.number, order.products.join(say('comma'))].filter(Boolean).join(' '),
          money(order.amountMinor - order.refundedMinor, order.currency),
        ])}
      />
      <Table
        title={say('held.points')}
        rows={held.points.entries.map((entry) => [
          formats.date(entry.eventAt),
          entry.reason ?? code('entry', entry.kind) ?? entry.kind,
          formats.signed(entry.points + entry.pending),
        ])}
      />
      <Table
        title={say('held.consents')}
        rows={saidOnce(held.consents).map((consent) => [
          formats.dateTime(consent.at),
          [
            code('topic', `${consent.channel}.${consent.purpose}`) ?? `${consent.channel}.${consent.purpose}`,
            consent.textVersion && say('signIn.version', { version: consent.textVersion }),
          ]
            .filter(Boolean)
            .join(say('comma')),
          say(consent.given ? 'held.given' : 'held.withdrawn'),
        ])}
      />
      <Table
        title={say('held.looks')}
        rows={held.looks.map((look) => [
          formats.dateTime(look.at),
          code('field', look.field) ?? look.field,
          lookedBy(say, code, look),
        ])}
      />
      <Table
        title={say('privacy.received')}
        rows={held.received.map((one) => [
          formats.date(one.lastAt),
          `${one.name}${say('comma')}${say('privacy.receivedWhat', {
            what: one.what.map((kind) => code('given', kind) ?? kind).join(say('comma')),
            purpose: code('purpose', one.purpose) ?? one.purpose,
          })}`,
          one.country,
        ])}
      />
      <Table
        title={say('held.families')}
        rows={families.map(({ kind, state, since }) => [
          formats.dateTime(String(since)),
          code('tie', String(kind)) ?? String(kind),
          say(state === 'confirmed' ? 'held.confirmed' : 'held.supposed'),
        ])}
      />
      {Object.entries(others).map(([name, rows]) => (
        <Table
          key={name}
          title={code('held', name) ?? name}
          rows={rows.flatMap((row) =>
            Object.entries(row).map(([field, value]) => [code('field', field) ?? field, shown(value), '']),
          )}
        />
      ))}
      <Table
        title={say('held.events')}
        rows={held.events.map(({ type, at }) => [formats.dateTime(at), code('event', type) ?? type, ''])}
      />
    </div>
  )
}

/** What is withdrawn stands under each of a person's records: read, it was said once. */
function saidOnce(consents: Held['consents']): Held['consents'] {
  const key = ({ at, channel, purpose, given }: Held['consents'][number]) => [at, channel, purpose, given].join(' ')
  return [...new Map(consents.map((consent) => [key(consent), consent])).values()]
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <div className={page.head}>
        <h2>{title}</h2>
      </div>
      <div className={`${page.panel} ${css.panel}`}>{children}</div>
    </section>
  )
}

/** What a screen shows at once; paper and file have all. */
const firstRows = 20

function Table({ title, rows }: { title: string; rows: readonly (readonly string[])[] }) {
  const say = useText()
  return (
    <Section title={title}>
      {rows.length === 0 ? (
        <p>{say('held.none')}</p>
      ) : (
        <table className={css.table}>
          <tbody>
            {rows.map((cells, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they don't move
              <tr key={at} data-later={at >= firstRows || undefined}>
                {cells.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: they don't move
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length > firstRows && <small className={css.count}>{say('held.count', { count: rows.length })}</small>}
    </Section>
  )
}
