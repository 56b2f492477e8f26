/** What a spreadsheet of the tree says: its columns, its mistakes, and what telling it would change. */
import { useQuery } from '@tanstack/react-query'
import { Input, Select } from 'antd'
import { channelCode } from '#modules/channels/contract'
import { type readTreeFile, treeFields } from '#modules/imports/contract'
import { type compareTree, readTree } from '#modules/organisation/contract'
import type { Output } from '#ui/call.ts'
import { reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './TreeFile.module.css'
import type { TreeRow } from './TreeFile.tsx'

export type TreeField = (typeof treeFields)[number]
type Reading = Output<typeof readTreeFile>
type Difference = Output<typeof compareTree>['differences'][number]

const left = ' left out'
/** What a page draws without a wait; the rest is counted. */
const shownAtMost = 200

export function Columns({
  columns,
  onChange,
  unclear,
}: {
  columns: Reading['columns']
  onChange: (fields: (TreeField | null)[]) => void
  unclear: boolean
}) {
  const say = useText()
  const choose = (index: number, chosen: string) => {
    const field = chosen === left ? null : (chosen as TreeField)
    // One column for each field: the former holder gives it up.
    onChange(columns.map((column, at) => (at === index ? field : column.field === field ? null : column.field)))
  }
  return (
    <section aria-label={say('tree.columns')}>
      <h2>{say('tree.columns')}</h2>
      {unclear && <p className={css.unclear}>{say('tree.unclear')}</p>}
      <ul className={css.columns}>
        {columns.map(({ name, field, samples }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name, and none moves
          <li key={index}>
            <b className="cut">{name}</b>
            <small className="cut">{samples.join(say('comma'))}</small>
            <Select
              value={field ?? left}
              aria-label={say('tree.columnIs', { name })}
              onChange={(chosen: string) => choose(index, chosen)}
              options={[
                ...treeFields.map((one) => ({ value: one as string, label: say(`treeField.${one}`) })),
                { value: left, label: say('tree.leftOut') },
              ]}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Mistakes({ mistakes }: { mistakes: Reading['mistakes'] }) {
  const say = useText()
  const formats = useFormats()
  if (mistakes.length === 0) return null
  return (
    <section aria-label={say('tree.mistakesTitle')}>
      <h2>
        {say('tree.mistakesTitle')} <Chip tone="red">{formats.number(mistakes.length)}</Chip>
      </h2>
      <p>{say('tree.mistakes')}</p>
      <ul className={css.mistakes}>
        {mistakes.slice(0, shownAtMost).map(({ row, field, code, value }) => (
          <li key={`${row} ${field} ${code}`}>
            <span>{say('tree.row', { n: formats.number(row) })}</span>
            <span>{say(`rowField.${field}`)}</span>
            <span>{say(`rowMistake.${code}`)}</span>
            <code className="cut">{value}</code>
          </li>
        ))}
      </ul>
      <More count={mistakes.length - shownAtMost} />
    </section>
  )
}

export function Differences({
  rows,
  differences,
  onCode,
}: {
  rows: readonly TreeRow[]
  differences: readonly Difference[]
  onCode: (place: string, code: string) => void
}) {
  const say = useText()
  const formats = useFormats()
  const count = (wanted: Difference['outcome']) => differences.filter(({ outcome }) => outcome === wanted).length
  const changes = rows.flatMap((row, index) =>
    differences[index]!.outcome === 'same' ? [] : [{ row, difference: differences[index]! }],
  )
  const standing = useQuery(reading(readTree, {}))
  const companyNames = new Map([
    ...(standing.data?.companies ?? []).map(({ code, name }) => [code, name] as const),
    ...rows.flatMap(({ told }) => (told.kind === 'company' ? [[told.code, told.name] as const] : [])),
  ])
  return (
    <section aria-label={say('tree.differences')}>
      <h2>{say('tree.differences')}</h2>
      <dl className={css.sums}>
        {(['new', 'changed', 'same'] as const).map((outcome) => (
          <div key={outcome}>
            <dd>{formats.number(count(outcome))}</dd>
            <dt>{say(`treeOutcome.${outcome}`)}</dt>
          </div>
        ))}
      </dl>
      {changes.some(({ row }) => row.made) && <p>{say('tree.made')}</p>}
      <ul className={css.changes}>
        {changes
          .slice(0, shownAtMost)
          .map(({ row: { told, place, made }, difference: { outcome, changed, before } }) => (
            <li key={place} data-kind={told.kind}>
              <span className={css.who}>
                <span className="cut">{told.name}</span>
                <small className="cut">
                  {told.kind === 'company' ? (
                    say('org.company')
                  ) : (
                    <Dotted>
                      {companyNames.get(told.company) ?? told.company}
                      {told.city}
                    </Dotted>
                  )}
                </small>
              </span>
              {made ? (
                <Input
                  size="small"
                  value={told.code}
                  maxLength={64}
                  spellCheck={false}
                  status={channelCode.safeParse(told.code).success ? '' : 'error'}
                  aria-label={say('tree.codeOf', { name: told.name })}
                  onChange={({ target }) => onCode(place, target.value)}
                />
              ) : (
                <code>{told.code}</code>
              )}
              <span className={css.how}>
                {outcome === 'new' ? (
                  <Chip tone="accent">{say('treeOutcome.new')}</Chip>
                ) : (
                  changed.map((what) => (
                    <span key={what} className={css.change}>
                      <Chip tone="amber">{say(`treeChange.${what}`)}</Chip>
                      <s className="cut">
                        {what === 'company'
                          ? (companyNames.get(before?.company ?? '') ?? before?.company)
                          : before?.[what]}
                      </s>
                    </span>
                  ))
                )}
              </span>
            </li>
          ))}
      </ul>
      <More count={changes.length - shownAtMost} />
    </section>
  )
}

function More({ count }: { count: number }) {
  const say = useText()
  const formats = useFormats()
  return count > 0 ? <p>{say('tree.more', { n: formats.number(count) })}</p> : null
}
