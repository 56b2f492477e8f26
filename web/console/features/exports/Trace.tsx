/** Whose export a row is from that turned up somewhere: by what stands in its last column. */
import { useQuery } from '@tanstack/react-query'
import { Input, Modal } from 'antd'
import { useState } from 'react'
import { traceExport } from '#modules/exports/contract'
import { reading } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Exports.module.css'

export function Trace({ onClose }: { onClose: () => void }) {
  const say = useText()
  const formats = useFormats()
  const [trace, setTrace] = useState('')
  const found = useQuery({ ...reading(traceExport, { trace }), enabled: trace !== '', retry: false })
  const { data } = found
  return (
    <Modal open title={say('exports.trace')} onCancel={onClose} footer={null}>
      <Input.Search
        aria-label={say('exports.trace')}
        placeholder={say('exports.traceExample')}
        maxLength={40}
        autoFocus
        enterButton={say('exports.traceFind')}
        loading={found.isFetching}
        onSearch={(text) => setTrace(text.trim())}
      />
      <ProblemNote error={trace === '' ? null : found.error} />
      {data && trace !== '' && (
        <dl className={css.found}>
          <dt>{say('exports.who')}</dt>
          <dd>{data.askedBy.name ?? say.code('actor', data.askedBy.actor.split(':')[0]!)}</dd>
          <dt>{say('exports.when')}</dt>
          <dd>{formats.dateTime(data.askedAt)}</dd>
          <dt>{say('exports.reason')}</dt>
          <dd>{data.reason}</dd>
          <dt>{say('exports.kind')}</dt>
          <dd>{say(`exportKind.${data.kind}`)}</dd>
        </dl>
      )}
    </Modal>
  )
}
