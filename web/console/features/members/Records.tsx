/** The chain of source records that are this person, each with the evidence that joined it, each to be taken apart. */
import { Button } from 'antd'
import { useState } from 'react'
import type { z } from 'zod'
import type { personView } from '#modules/members/contract'
import { Icon, type IconName } from '#ui/icons.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Masked } from '../../parts/Masked.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { CompareRecords } from './CompareRecords.tsx'
import { chanceText, EvidenceParts } from './Evidence.tsx'
import { PartRecord } from './PartRecord.tsx'
import css from './Records.module.css'

export type Person = z.output<typeof personView>
export type SourceRecord = Person['records'][number]

export const channelIcons: Record<string, IconName> = {
  store: 'home',
  website: 'globe',
  ota: 'plane',
  erp: 'table',
  account: 'wechat',
  partner: 'link',
}

export function Records({ memberId, person }: { memberId: string; person: Person }) {
  const say = useText()
  const [comparing, setComparing] = useState(false)
  const [parting, setParting] = useState<SourceRecord | null>(null)
  const mayPart = useMay('members.join') && person.records.length > 1
  return (
    <section className={css.records}>
      <div className={css.title}>
        <h3>{say('records.title', { count: person.records.length })}</h3>
        <Button type="link" size="small" onClick={() => setComparing(true)}>
          {person.records.length > 1 ? say('records.compare') : say('records.open')}
        </Button>
      </div>
      <ol>
        {person.records.map((record, at) => (
          <li key={record.id} className={css.record}>
            <span className={css.sign} data-first={at === 0 || undefined}>
              <Icon name={channelIcons[record.channel.kind] ?? 'file'} size={12} />
            </span>
            <div className={css.what}>
              <span className={css.channel}>{record.channel.name}</span>
              {at === 0 ? <First record={record} /> : <Evidence record={record} />}
            </div>
            {mayPart && (
              <Button
                type="text"
                size="small"
                onClick={() => setParting(record)}
                aria-label={say('records.partOf', { channel: record.channel.name })}
              >
                {say('records.part')}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {person.elsewhere > 0 && (
        <p className={css.elsewhere}>
          <Icon name="info" size={14} />
          {say('records.elsewhere', { count: person.elsewhere })}
        </p>
      )}
      {comparing && <CompareRecords memberId={memberId} records={person.records} onClose={() => setComparing(false)} />}
      {parting && (
        <PartRecord memberId={memberId} record={parting} records={person.records} onClose={() => setParting(null)} />
      )}
    </section>
  )
}

function First({ record }: { record: SourceRecord }) {
  const say = useText()
  const formats = useFormats()
  return (
    <small>
      <Dotted>
        {say('records.since', { at: formats.date(record.createdAt) })}
        {say('records.first')}
      </Dotted>
    </small>
  )
}

function Evidence({ record }: { record: SourceRecord }) {
  const say = useText()
  const formats = useFormats()
  if (record.joinedBy.length === 0) return <small>{say('records.noEvidence')}</small>
  return record.joinedBy.map(({ kind, value, by, reason, score, parts }) => (
    <small key={kind} className={css.evidence}>
      <b>{say.code('evidence', kind.split('@')[0] ?? kind) ?? kind}</b> {value && <Masked value={value} />}
      {(by || reason) && (
        <span>
          <Dotted>
            {by && (say.code('actor', by.split(':')[0] ?? by) ?? by)}
            {reason && `“${reason}”`}
          </Dotted>
        </span>
      )}
      {kind === 'match' && parts && parts.length > 0 && (
        <details className={css.parts}>
          <summary>
            <Dotted>
              {score != null && chanceText(say, formats.percent, score)}
              {say('records.parts')}
            </Dotted>
          </summary>
          <EvidenceParts parts={parts} score={score ?? null} />
        </details>
      )}
    </small>
  ))
}
