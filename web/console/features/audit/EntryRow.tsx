/** One entry: the sentence, and opened all that the log knows of it. */
import { Link } from '@tanstack/react-router'
import { Icon } from '#ui/icons.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { whoName } from '../../parts/who.ts'
import { useText } from '../../texts/texts.ts'
import css from './Audit.module.css'
import { type Entry, icons, recordFields, refusalText, sentence } from './tell.ts'

export function EntryRow({ entry }: { entry: Entry }) {
  const say = useText()
  const formats = useFormats()
  const { at, who, kind, refusal, members, fields, reason, address, details } = entry
  const touched = recordFields(say, fields)
  const leftOut = typeof details.leftOut === 'number' && details.leftOut
  return (
    <details className={css.entry}>
      <summary>
        <time dateTime={at}>{formats.time(at)}</time>
        <span className={css.sign} data-kind={kind} data-refused={refusal !== null || undefined}>
          <Icon name={refusal === null ? icons[kind] : 'alert'} size={13} />
        </span>
        <span className={css.what}>
          <span>
            <b>{whoName(say, who)}</b> {sentence(say, entry)}
          </span>
          <small>
            <Dotted>
              {refusal !== null && <span className={css.refused}>{refusalText(say, refusal)}</span>}
              {leftOut && say('audit.leftOut', { n: formats.number(leftOut) })}
              {members.map(({ id, name }) => (
                <span key={id}>{name ?? say('members.unnamed')}</span>
              ))}
              {reason && <q>{reason}</q>}
              {touched && <span className={css.fields}>{touched}</span>}
            </Dotted>
          </small>
        </span>
        <span className={css.address}>{address}</span>
      </summary>
      <All entry={entry} />
    </details>
  )
}

function All({ entry }: { entry: Entry }) {
  const say = useText()
  const mayRead = useMay('members.read')
  const { id, act, who, members, fields, permission, address, requestId, ids, details } = entry
  const pairs = (record: Readonly<Record<string, unknown>>) =>
    Object.entries(record).map(([name, value]) => (
      <span key={name}>
        {name} <code>{String(value)}</code>
      </span>
    ))
  const rows = [
    {
      name: say('audit.members'),
      shown: members.map(({ id: member, name }) =>
        mayRead ? (
          <Link key={member} to="/members/$memberId" params={{ memberId: member }}>
            {name ?? say('members.unnamed')}
          </Link>
        ) : (
          <code key={member}>{member}</code>
        ),
      ),
    },
    { name: say('audit.fields'), shown: fields.map((field) => <code key={field}>{field}</code>) },
    { name: say('audit.ids'), shown: pairs(ids) },
    { name: say('audit.counts'), shown: pairs(details) },
    { name: say('audit.who'), shown: [<code key="actor">{who.actor}</code>] },
    { name: say('audit.operation'), shown: [<code key="act">{act}</code>] },
    { name: say('audit.permission'), shown: permission ? [<code key="permission">{permission}</code>] : [] },
    { name: say('audit.address'), shown: address ? [<code key="address">{address}</code>] : [] },
    { name: say('audit.request'), shown: requestId ? [<code key="request">{requestId}</code>] : [] },
    { name: say('audit.entry'), shown: [<code key="entry">{id}</code>] },
  ].filter(({ shown }) => shown.length > 0)
  return (
    <dl className={css.all}>
      {rows.map(({ name, shown }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{shown}</dd>
        </div>
      ))}
    </dl>
  )
}
