/** How long each kind of data is kept, and what went the last time. */
import { useQuery } from '@tanstack/react-query'
import { Button, InputNumber } from 'antd'
import { useState } from 'react'
import { listInactive, listRetention, readProcessing, setRetention } from '#modules/privacy/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Waiting } from './Privacy.tsx'
import css from './Settings.module.css'

export function Retention() {
  const say = useText()
  const list = useQuery(reading(listRetention, {}))
  if (list.isError) return <Failure error={list.error} onRetry={() => void list.refetch()} />
  if (list.isPending) return <Waiting />
  return (
    <section aria-labelledby="privacy-retention">
      <h2 id="privacy-retention" className={css.heading}>
        {say('privacy.retention')}
      </h2>
      <p className={css.why}>{say('privacy.retentionWhy')}</p>
      <ul>
        {list.data.rules.map((rule) => (
          <RuleRow key={rule.kind} rule={rule} />
        ))}
      </ul>
    </section>
  )
}

function RuleRow({ rule: { kind, days, last } }: { rule: Output<typeof listRetention>['rules'][number] }) {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('privacy.change')
  const [typed, setTyped] = useState<number | null>(days)
  const saving = useAct(setRetention, {
    changes: [keyOf(listRetention), keyOf(listInactive), keyOf(readProcessing)],
  })
  const name = say.code('retention', kind) ?? kind
  return (
    <li className={css.row}>
      <div>
        <b>{name}</b>
        <small>
          {kind === 'inactive_members'
            ? say('privacy.proposed')
            : last
              ? say('privacy.ran', { at: formats.ago(last.at), n: formats.number(last.removed) })
              : say('privacy.notRun')}
        </small>
        <ProblemNote error={saving.error} />
      </div>
      <InputNumber
        min={1}
        max={36_500}
        precision={0}
        value={typed}
        disabled={!mayChange}
        aria-label={`${name}, ${say('privacy.days')}`}
        suffix={say('privacy.days')}
        onChange={setTyped}
        style={{ width: 132 }}
      />
      {mayChange && (
        <Button
          size="small"
          disabled={typed === null || typed === days}
          loading={saving.isPending}
          onClick={() => typed !== null && saving.mutate({ kind, days: typed })}
        >
          {say('privacy.save')}
        </Button>
      )}
    </li>
  )
}
