/** To which store the member belongs, and who serves them: what staff of a store see is decided by it. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { memberPage } from '#modules/desk/contract'
import { unrelate } from '#modules/members/contract'
import { readTree } from '#modules/organisation/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import type { MemberPageData } from './MemberPage.tsx'
import { Relate } from './Relate.tsx'
import css from './Relations.module.css'

export type Relation = MemberPageData['relations'][number]

export function Relations({ memberId, relations }: { memberId: string; relations: readonly Relation[] }) {
  const say = useText()
  const mayChange = useMay('members.write')
  const [changing, setChanging] = useState<{ kind: Relation['kind']; of: Relation | null } | null>(null)
  // What belongs to a store elsewhere in the group is shown, and changed there.
  const tree = useQuery({ ...reading(readTree, {}), staleTime: 60_000, enabled: useMaySee('organisation.read') })
  const within = new Set(
    [...(tree.data?.companies ?? []).flatMap(({ stores }) => stores), ...(tree.data?.storesWithoutCompany ?? [])].map(
      ({ code }) => code,
    ),
  )
  const home = relations.filter(({ kind }) => kind === 'home')
  const served = relations.filter(({ kind }) => kind === 'served')
  if (relations.length === 0 && !mayChange) return null
  const list = (kind: Relation['kind'], of: readonly Relation[]) => (
    <div className={css.kind}>
      <div className={css.title}>
        <h3>{say(`relation.${kind}`)}</h3>
        {mayChange && (kind === 'served' || of.length === 0) && (
          <Button type="link" size="small" onClick={() => setChanging({ kind, of: null })}>
            {say(kind === 'home' ? 'relations.setHome' : 'relations.addServed')}
          </Button>
        )}
      </div>
      {of.length === 0 && <p className={css.none}>{say('relations.none')}</p>}
      <ul>
        {of.map((relation) => (
          <Row
            key={`${relation.store.code} ${relation.staff?.id}`}
            memberId={memberId}
            relation={relation}
            onChange={
              mayChange && (kind === 'home' || within.has(relation.store.code))
                ? () => setChanging({ kind, of: relation })
                : null
            }
            mayEnd={mayChange && within.has(relation.store.code)}
          />
        ))}
      </ul>
    </div>
  )
  return (
    <section className={css.relations} aria-label={say('relations.title')}>
      {list('home', home)}
      {list('served', served)}
      {changing && (
        <Relate memberId={memberId} kind={changing.kind} instead={changing.of} onClose={() => setChanging(null)} />
      )}
    </section>
  )
}

function Row({
  memberId,
  relation: { kind, store, staff, since },
  onChange,
  mayEnd,
}: {
  memberId: string
  relation: Relation
  onChange: (() => void) | null
  mayEnd: boolean
}) {
  const say = useText()
  const formats = useFormats()
  const ending = useAct(unrelate, { changes: [keyOf(memberPage)] })
  const name = staff ? staff.name : store.name
  return (
    <li className={css.relation}>
      {kind === 'served' ? (
        <Avatar name={staff?.name ?? null} of={staff?.id ?? store.code} staff size={20} />
      ) : (
        <Icon name="home" size={15} />
      )}
      <span className={css.who}>
        <span className="cut">{name}</span>
        <small>
          <Dotted>
            {staff && store.name}
            {kind === 'served' && !staff && say('relations.anybody')}
            {say('relations.since', { at: formats.date(since) })}
          </Dotted>
        </small>
        <ProblemNote error={ending.error} />
      </span>
      <span className={css.acts}>
        {onChange && (
          <Button
            type="text"
            size="small"
            icon={<Icon name="edit" size={14} />}
            aria-label={say('relations.changeOf', { name })}
            title={say('relations.change')}
            onClick={onChange}
          />
        )}
        {mayEnd && (
          <Popconfirm
            title={say('relations.endTitle', { name })}
            description={say('relations.endEffect')}
            okText={say('relations.end')}
            onConfirm={() =>
              ending.mutate({ memberId, store: store.code, kind, ...(staff ? { staffId: staff.id } : {}) })
            }
          >
            <Button
              type="text"
              size="small"
              icon={<Icon name="close" size={14} />}
              aria-label={say('relations.endOf', { name })}
              title={say('relations.end')}
              loading={ending.isPending}
            />
          </Popconfirm>
        )}
      </span>
    </li>
  )
}
