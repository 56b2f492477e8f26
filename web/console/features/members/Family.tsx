/** Household and companions: who belongs to this member, who looks as if they did and why, and how staff say so. */
import { Link } from '@tanstack/react-router'
import { Button, Modal, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { memberPage, readToday } from '#modules/desk/contract'
import { deleteFamily, listFamilyProposals, putFamily } from '#modules/families/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Family.module.css'
import { FindMember } from './FindMember.tsx'
import { ageOf } from './Identity.tsx'
import type { MemberPageData } from './MemberPage.tsx'
import { Shared } from './Shared.tsx'
import { type TieKind, useTieKinds } from './tieKinds.ts'

type Tie = MemberPageData['family']['ties'][number]

export const changesOfFamilies = [keyOf(memberPage), keyOf(listFamilyProposals), keyOf(readToday)]

export function Family({ memberId, page: { person, family } }: { memberId: string; page: MemberPageData }) {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('members.write')
  const [naming, setNaming] = useState<Tie | 'new' | null>(null)
  const confirmed = family.ties.filter(({ state }) => state === 'confirmed')
  const proposed = family.ties.filter(({ state }) => state === 'proposed')
  if (family.ties.length === 0 && family.elsewhere === 0 && !mayChange) return null
  return (
    <section className={css.family} aria-label={say('family.title')}>
      <div className={css.title}>
        <h2>
          {say('family.title')} <small>{formats.number(confirmed.length)}</small>
        </h2>
        {mayChange && (
          <Button type="link" size="small" onClick={() => setNaming('new')}>
            {say('family.add')}
          </Button>
        )}
      </div>
      <ul>
        {confirmed.map((tie) => (
          <Row key={tie.memberId} memberId={memberId} tie={tie} onChange={mayChange ? () => setNaming(tie) : null} />
        ))}
      </ul>
      {family.elsewhere > 0 && (
        <p className={css.elsewhere}>
          <Icon name="info" size={14} />
          {say('family.elsewhere', { count: family.elsewhere })}
        </p>
      )}
      {proposed.map((tie) => (
        <Proposed key={tie.memberId} memberId={memberId} tie={tie} mayDecide={mayChange} />
      ))}
      {family.ties.length === 0 && family.elsewhere === 0 && <p className={css.none}>{say('family.none')}</p>}
      {naming && (
        <Naming
          memberId={person.id}
          name={person.name}
          tie={naming === 'new' ? null : naming}
          onClose={() => setNaming(null)}
        />
      )}
    </section>
  )
}

function Who({ tie }: { tie: Tie }) {
  const say = useText()
  return (
    <Link to="/members/$memberId" params={{ memberId: tie.memberId }} className={`cut ${css.name}`}>
      {tie.name ?? say('members.unnamed')}
    </Link>
  )
}

function About({ tie }: { tie: Tie }) {
  const say = useText()
  return (
    <small>
      <Dotted>
        {tie.state === 'confirmed' && say(`tie.${tie.kind}`)}
        {tie.birthDate && say('member.age', { count: ageOf(tie.birthDate) })}
        {tie.city}
      </Dotted>
    </small>
  )
}

function Row({ memberId, tie, onChange }: { memberId: string; tie: Tie; onChange: (() => void) | null }) {
  const say = useText()
  const ending = useAct(deleteFamily, { changes: changesOfFamilies })
  const name = tie.name ?? say('members.unnamed')
  return (
    <li className={css.row}>
      <Avatar name={tie.name} of={tie.memberId} />
      <span className={css.who}>
        <Who tie={tie} />
        <About tie={tie} />
        <ProblemNote error={ending.error} />
      </span>
      {onChange && (
        <span className={css.acts}>
          <Button
            type="text"
            size="small"
            icon={<Icon name="edit" size={14} />}
            aria-label={say('family.changeOf', { name })}
            title={say('family.change')}
            onClick={onChange}
          />
          <Popconfirm
            title={say('family.endTitle', { name })}
            description={say('family.endEffect')}
            okText={say('family.end')}
            onConfirm={() => ending.mutate({ memberId, otherId: tie.memberId })}
          >
            <Button
              type="text"
              size="small"
              icon={<Icon name="close" size={14} />}
              aria-label={say('family.endOf', { name })}
              title={say('family.end')}
              loading={ending.isPending}
            />
          </Popconfirm>
        </span>
      )}
    </li>
  )
}

function Proposed({ memberId, tie, mayDecide }: { memberId: string; tie: Tie; mayDecide: boolean }) {
  const say = useText()
  const kinds = useTieKinds()
  const [kind, setKind] = useState<TieKind>(tie.kind)
  const confirming = useAct(putFamily, { changes: changesOfFamilies })
  const refusing = useAct(deleteFamily, { changes: changesOfFamilies })
  const name = tie.name ?? say('members.unnamed')
  return (
    <section className={css.proposed} aria-label={say('family.maybe', { name })}>
      <div className={css.row}>
        <Avatar name={tie.name} of={tie.memberId} />
        <span className={css.who}>
          <Who tie={tie} />
          <About tie={tie} />
        </span>
      </div>
      <p className={css.why}>
        {say('family.question')} <Shared evidence={tie.evidence} />
      </p>
      {mayDecide && (
        <div className={css.decide}>
          <Select
            size="small"
            value={kind}
            options={kinds}
            onChange={setKind}
            popupMatchSelectWidth={false}
            aria-label={say('family.kindOf', { name })}
          />
          <Button
            size="small"
            type="primary"
            loading={confirming.isPending}
            onClick={() => confirming.mutate({ memberId, otherId: tie.memberId, kind })}
          >
            {say('family.confirm')}
          </Button>
          <Button
            size="small"
            loading={refusing.isPending}
            onClick={() => refusing.mutate({ memberId, otherId: tie.memberId })}
          >
            {say('family.refuse')}
          </Button>
        </div>
      )}
      <ProblemNote error={confirming.error ?? refusing.error} />
    </section>
  )
}

/** Says by hand who belongs to this member, or corrects what was said. */
function Naming({
  memberId,
  name,
  tie,
  onClose,
}: {
  memberId: string
  name: string | null
  tie: Tie | null
  onClose: () => void
}) {
  const say = useText()
  const kinds = useTieKinds()
  const [other, setOther] = useState<string | null>(tie?.memberId ?? null)
  const [kind, setKind] = useState<TieKind>(tie?.kind ?? 'relative')
  const saving = useAct(putFamily, { changes: changesOfFamilies, onDone: onClose })
  return (
    <Modal
      open
      title={say('family.nameTitle', { name: name ?? say('members.unnamed') })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancel')}</Button>
          <Button
            type="primary"
            disabled={other === null}
            loading={saving.isPending}
            onClick={() => other && saving.mutate({ memberId, otherId: other, kind })}
          >
            {say('family.save')}
          </Button>
        </>
      }
    >
      {tie ? (
        <p className={css.given}>{tie.name ?? say('members.unnamed')}</p>
      ) : (
        <FindMember except={memberId} chosen={other} onChoose={setOther} />
      )}
      <div className={css.kind}>
        <span id="tie-kind">{say('family.kind')}</span>
        <Select value={kind} options={kinds} onChange={setKind} aria-labelledby="tie-kind" />
      </div>
      <p className={css.none}>{say('family.effect')}</p>
      <ProblemNote error={saving.error} />
    </Modal>
  )
}
