/** The record of processing that PIPL and GDPR ask for: the program's facts as a table, the group's words below it. */
import { useQuery } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { readProcessing, writeNotes } from '#modules/privacy/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Waiting } from './Privacy.tsx'
import css from './Settings.module.css'

const notes = ['controller', 'contact', 'recipients', 'transfers', 'measures'] as const

export function Processing() {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('privacy.change')
  const record = useQuery(reading(readProcessing, {}))
  const saving = useAct(writeNotes, { changes: [keyOf(readProcessing)] })
  if (record.isError) return <Failure error={record.error} onRetry={() => void record.refetch()} />
  if (record.isPending) return <Waiting />
  const { activities, channels } = record.data
  return (
    <section aria-labelledby="privacy-processing" className={css.wide}>
      <h2 id="privacy-processing" className={css.heading}>
        {say('privacy.processing')}
      </h2>
      <p className={css.why}>{say('privacy.processingWhy')}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it where it is wider than the page */}
      <section className={css.scroll} tabIndex={0} aria-label={say('privacy.processing')}>
        <table className={css.record}>
          <thead>
            <tr>
              <th>{say('privacy.activity')}</th>
              <th>{say('privacy.holdsWhat')}</th>
              <th>{say('privacy.basis')}</th>
              <th>{say('privacy.kept')}</th>
              <th>{say('privacy.protection')}</th>
            </tr>
          </thead>
          <tbody>
            {activities.map(({ code, holds, basis, days, protection, count }) => (
              <tr key={code}>
                <th scope="row">
                  {say.code('activity', code) ?? code}
                  {count !== null && <small> {formats.number(count)}</small>}
                </th>
                <td>{holds.map((held) => say.code('holds', held) ?? held).join(', ')}</td>
                <td>{say(`basis.${basis}`)}</td>
                <td>{days === null ? say('privacy.asLong') : say('privacy.nDays', { n: formats.number(days) })}</td>
                <td>{say(`protection.${protection}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={css.why}>
        {say('privacy.sources')}: {channels.map(({ name }) => name).join(', ')}
      </p>
      <Form
        className={css.form ?? ''}
        layout="vertical"
        requiredMark={false}
        disabled={!mayChange}
        initialValues={record.data.notes}
        onValuesChange={() => saving.reset()}
        onFinish={(values: Output<typeof writeNotes>) => saving.mutate(values)}
      >
        {notes.map((name) => (
          <Form.Item key={name} name={name} label={say(`note.${name}`)}>
            <Input.TextArea maxLength={2000} rows={2} />
          </Form.Item>
        ))}
        <ProblemNote error={saving.error} />
        {mayChange && (
          <div className={css.save}>
            <Button htmlType="submit" loading={saving.isPending}>
              {say('privacy.save')}
            </Button>
            {saving.isSuccess && <span role="status">{say('privacy.saved')}</span>}
          </div>
        )}
      </Form>
    </section>
  )
}
