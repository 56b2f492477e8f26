/** Which column is what, with samples as they are; after cleaning, what became of each. */
import { useQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import { listChannels } from '#modules/channels/contract'
import { type ImportView, listImports, putMapping, readImport, stageImport } from '#modules/imports/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Bar } from '../../parts/Bar.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Cleaning } from './Cleaning.tsx'
import { targetName, targetsFor } from './fields.ts'
import page from './ImportPage.module.css'
import css from './Mapping.module.css'
import { Report } from './Report.tsx'

type Column = ImportView['columns'][number]

const leftOut = ''

/** A guess that a person should look at. A column that nothing fits is simply left out. */
const isAsked = ({ certainty, field, reason }: Column) =>
  certainty === 'confirm' && (field !== null || reason === 'openid_needs_account')

export function Mapping({ one, onNext }: { one: ImportView; onNext: () => void }) {
  const say = useText()
  const mayImport = useMay('imports.write')
  /** Targets that differ from what the program holds, by position. */
  const [edited, setEdited] = useState<ReadonlyMap<number, string | null>>(new Map())
  const changes = [keyOf(readImport, { importId: one.id }), keyOf(listImports)]
  const cleaning = useAct(stageImport, { changes, onDone: () => setEdited(new Map()) })
  const mapping = useAct(putMapping, { onDone: () => cleaning.mutate({ importId: one.id }) })
  const channels = useQuery(reading(listChannels, {}))
  const accounts = (channels.data?.channels ?? []).filter(({ kind }) => kind === 'account')

  const targetOf = (column: Column) =>
    edited.get(column.position) ?? (edited.has(column.position) ? null : column.field)
  const taken = new Map(
    one.columns.flatMap((column) => {
      const target = targetOf(column)
      return target === null ? [] : [[target, column] as const]
    }),
  )
  const clean = () => {
    if (edited.size === 0) cleaning.mutate({ importId: one.id })
    else {
      // By position: headers may be missing or stand twice.
      const whole = Object.fromEntries(one.columns.map((column) => [String(column.position), targetOf(column)]))
      mapping.mutate({ importId: one.id, mapping: whole })
    }
  }
  const fixed = !mayImport || one.state === 'staging' || one.state === 'cancelled'
  const ready = one.state === 'staged' && edited.size === 0
  const busy = mapping.isPending || cleaning.isPending || one.state === 'staging'
  return (
    <div className={page.step}>
      <div className={page.work}>
        <table className={css.map} aria-label={say('mapping.name')}>
          <thead>
            <tr className={`${css.row} ${css.head}`}>
              <th scope="col">{say('mapping.column')}</th>
              <th scope="col">{say('mapping.samples')}</th>
              <th scope="col">{say('mapping.target')}</th>
              <th scope="col">{say('mapping.certainty')}</th>
              <th scope="col" className={css.key}>
                <span>
                  <i data-tone="grey" />
                  {say('mapping.asIs')}
                </span>
                <span>
                  <i data-tone="accent" />
                  {say('mapping.changed')}
                </span>
                <span>
                  <i data-tone="red" />
                  {say('mapping.wrong')}
                </span>
              </th>
            </tr>
          </thead>
          <tbody>
            {one.columns.map((column) => (
              <ColumnRow
                key={column.position}
                one={one}
                column={column}
                target={targetOf(column)}
                edited={edited.has(column.position)}
                accounts={accounts}
                taken={taken}
                fixed={fixed}
                onTarget={(target) => {
                  const next = new Map(edited)
                  if (target === column.field) next.delete(column.position)
                  else next.set(column.position, target)
                  setEdited(next)
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
      <aside className={page.side} aria-label={say('report.title')}>
        {one.state === 'staging' ? (
          <Cleaning one={one} />
        ) : one.report && edited.size === 0 ? (
          <Report one={one} />
        ) : (
          <Before one={one} changed={edited.size > 0} />
        )}
      </aside>
      {mayImport && one.state !== 'cancelled' && (
        <footer className={page.foot}>
          <small>{say(ready ? 'mapping.nextCompares' : 'mapping.nextCleans')}</small>
          <ProblemNote error={mapping.error ?? cleaning.error} />
          <Button type={ready ? 'default' : 'primary'} loading={busy} onClick={clean}>
            {say(one.report ? 'mapping.cleanAgain' : 'mapping.clean')}
          </Button>
          {ready && (
            <Button type="primary" onClick={onNext}>
              {say('mapping.difference')}
              <Icon name="next" size={15} />
            </Button>
          )}
        </footer>
      )}
    </div>
  )
}

function ColumnRow({
  one,
  column,
  target,
  edited,
  accounts,
  taken,
  fixed,
  onTarget,
}: {
  one: ImportView
  column: Column
  target: string | null
  edited: boolean
  accounts: readonly { code: string; name: string }[]
  /** Which column each target is used by; a target takes one column. */
  taken: ReadonlyMap<string, Column>
  fixed: boolean
  onTarget: (target: string | null) => void
}) {
  const say = useText()
  const formats = useFormats()
  const ask = !edited && isAsked(column)
  const groups = targetsFor(say, { as: one.as, column: column.name, accounts }).map(({ label, options }) => ({
    label,
    options: options.map((option) => {
      const by = taken.get(option.value)
      return by && by.position !== column.position
        ? { ...option, disabled: true, label: say('mapping.takenBy', { target: option.label, column: by.name }) }
        : option
    }),
  }))
  const known = target === null || groups.some(({ options }) => options.some(({ value }) => value === target))
  const name = column.name || say('mapping.unnamed', { n: column.position })
  const { counts } = column
  return (
    <tr className={css.row} data-ask={ask || undefined} data-out={target === null || undefined}>
      <td className={css.name} title={name}>
        {name}
      </td>
      <td className={css.samples}>
        {column.samples.length === 0 && <small>{say('mapping.empty')}</small>}
        {column.samples.slice(0, 4).map((sample, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: samples may be equal
          <code key={at} title={sample}>
            {sample}
          </code>
        ))}
      </td>
      <td className={css.target}>
        <Select
          value={target ?? leftOut}
          disabled={fixed}
          onChange={(value) => onTarget(value === leftOut ? null : value)}
          aria-label={say('mapping.targetOf', { column: name })}
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          options={[
            { value: leftOut, label: say('mapping.leftOut') },
            ...(known ? [] : [{ value: target, label: targetName(say, target) }]),
            ...groups,
          ]}
        />
      </td>
      <td className={css.certainty}>
        {ask ? (
          <b>{say('mapping.confirm')}</b>
        ) : (
          target !== null && <span>{say(edited ? 'mapping.yours' : `mapping.${column.certainty}`)}</span>
        )}
        {!edited && <small>{say.code('reason', column.reason)}</small>}
      </td>
      <td className={css.quality}>
        {counts && !edited && target !== null && counts.filled > 0 && (
          <>
            <Bar
              whole={one.counts?.rows ?? counts.filled}
              shares={[
                { of: counts.asIs, tone: 'grey' },
                { of: counts.changed, tone: 'accent' },
                { of: counts.wrong, tone: 'red' },
              ]}
            />
            <small>
              {[
                counts.changed > 0 && say('mapping.countChanged', { n: counts.changed }),
                counts.wrong > 0 && say('mapping.countWrong', { n: counts.wrong }),
              ]
                .filter(Boolean)
                .join(say('comma')) ||
                say('mapping.filled', {
                  share: formats.percent(counts.filled / Math.max(one.counts?.rows ?? counts.filled, 1)),
                })}
            </small>
          </>
        )}
      </td>
    </tr>
  )
}

/** Before the file has been cleaned by this mapping. */
function Before({ one, changed }: { one: ImportView; changed: boolean }) {
  const say = useText()
  if (one.state === 'cancelled') {
    return (
      <div className={css.before}>
        <h2>{say('importState.cancelled')}</h2>
        <p>{say('imports.cancelledWhy')}</p>
        <LinkButton to="/imports/new">{say('imports.new')}</LinkButton>
      </div>
    )
  }
  const asked = one.columns.filter(isAsked).length
  return (
    <div className={css.before}>
      <h2>{say(changed && one.report ? 'mapping.changedTitle' : 'mapping.beforeTitle')}</h2>
      <p>{say(changed && one.report ? 'mapping.changedWhy' : 'mapping.beforeWhy')}</p>
      {one.mappingRemembered && !changed && <p>{say('mapping.remembered', { channel: one.channel.name })}</p>}
      {asked > 0 && !changed && <p className={css.asked}>{say('mapping.asked', { count: asked })}</p>}
      {one.origin === 'live' && <p>{say('imports.earnsOn')}</p>}
    </div>
  )
}
