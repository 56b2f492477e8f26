/** The rules by which members earn points, as sentences in clauses, with what is planned and what was before. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { listRules } from '#modules/points/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { EditRule } from './EditRule.tsx'
import css from './Rules.module.css'
import { useClauses } from './useClauses.ts'

type Rulebook = Output<typeof listRules>
export type RuleVersion = Rulebook['rules'][number]

export function Rules() {
  const say = useText()
  const mayEdit = useMay('points.rules')
  const rulebook = useQuery(reading(listRules, {}))
  const [editing, setEditing] = useState<RuleVersion | 'new' | null>(null)
  const rules = rulebook.data ? [...Map.groupBy(rulebook.data.rules, ({ code }) => code).values()] : []
  return (
    <>
      <PageHead
        title={say('frame.points')}
        actions={
          mayEdit &&
          rulebook.data && (
            <Button type="primary" icon={<Icon name="plus" size={15} />} onClick={() => setEditing('new')}>
              {say('rules.add')}
            </Button>
          )
        }
      />
      <div className={css.page}>
        {rulebook.isError && !rulebook.data ? (
          <Failure error={rulebook.error} onRetry={() => void rulebook.refetch()} />
        ) : rulebook.isPending ? (
          [1, 2].map((row) => (
            <div key={row} className={css.rule}>
              <Skeleton width="40%" height={22} />
              <Skeleton width="70%" height={90} />
            </div>
          ))
        ) : rules.length === 0 ? (
          <Empty icon="points" title={say('rules.noneTitle')}>
            {say('rules.none')}
          </Empty>
        ) : (
          rules.map((versions) => (
            <Rule
              key={versions[0]!.code}
              versions={versions}
              rulebook={rulebook.data}
              onEdit={mayEdit ? () => setEditing(versions[0]!) : null}
            />
          ))
        )}
      </div>
      {editing && rulebook.data && (
        <EditRule
          rule={editing === 'new' ? null : editing}
          groups={rulebook.data.groups}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  )
}

function Rule({
  versions,
  rulebook,
  onEdit,
}: {
  versions: readonly RuleVersion[]
  rulebook: Rulebook
  onEdit: (() => void) | null
}) {
  const say = useText()
  const formats = useFormats()
  const now = Date.now()
  const inForce = versions.find(({ effectiveAt }) => new Date(effectiveAt).getTime() <= now)
  const planned = versions.filter(({ effectiveAt }) => new Date(effectiveAt).getTime() > now)
  const shown = inForce ?? versions.at(-1)!
  const { definition } = shown
  return (
    <section className={css.rule}>
      <div className={css.title}>
        <h2 className="cut">{say.code('ownName', definition.name) ?? definition.name}</h2>
        <Chip tone={!inForce ? 'amber' : definition.active ? 'green' : 'grey'}>
          {say(!inForce ? 'rules.planned' : definition.active ? 'rules.inForce' : 'rules.off')}
        </Chip>
        <small className={css.version}>
          <Dotted>
            {say('rules.version', { n: shown.version })}
            {new Date(shown.effectiveAt).getTime() > 0 && say('rules.since', { at: formats.date(shown.effectiveAt) })}
          </Dotted>
        </small>
        {onEdit && (
          <Button size="small" onClick={onEdit}>
            {say('rules.edit')}
          </Button>
        )}
      </div>
      <Clauses version={shown} rulebook={rulebook} />
      {inForce &&
        planned.map((version) => (
          <div key={version.version} className={css.planned}>
            <p>
              <Icon name="clock" size={14} /> {say('rules.from', { at: formats.dateTime(version.effectiveAt) })}
            </p>
            <Clauses version={version} rulebook={rulebook} against={shown} />
          </div>
        ))}
    </section>
  )
}

/** The clauses of a version; beside those that differ from another one, what that said. */
function Clauses({ version, rulebook, against }: { version: RuleVersion; rulebook: Rulebook; against?: RuleVersion }) {
  const clausesOf = useClauses(rulebook.groups)
  const before = new Map(against ? clausesOf(against).map(({ key, text }) => [key, text]) : [])
  return (
    <dl className={css.clauses}>
      {clausesOf(version).map(({ key, name, text }) => {
        const changed = against !== undefined && before.get(key) !== text
        return (
          <div key={key} data-changed={changed || undefined}>
            <dt>{name}</dt>
            <dd>
              {changed && <s>{before.get(key)}</s>} {text}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
