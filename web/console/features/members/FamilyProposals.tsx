/** All that waits: two who look like a household or like companions, why, and an answer by one key. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { deleteFamily, listFamilyProposals, putFamily, putOffFamily } from '#modules/families/contract'
import type { Output } from '#ui/call.ts'
import { reading } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Family.module.css'
import { changesOfFamilies } from './Family.tsx'
import { ageOf } from './Identity.tsx'
import { Shared } from './Shared.tsx'
import { type TieKind, useTieKinds } from './tieKinds.ts'

type Proposal = Output<typeof listFamilyProposals>['proposals'][number]
type Answer = 'confirm' | 'refuse' | 'later'

const shown = 50
const keyOfPair = ({ a, b }: Proposal) => `${a.memberId} ${b.memberId}`
const answerOf: Record<string, Answer> = { y: 'confirm', n: 'refuse', l: 'later' }

export function FamilyProposals() {
  const say = useText()
  const formats = useFormats()
  const list = useQuery(reading(listFamilyProposals, { limit: shown }))
  const title = say('families.title')
  const count =
    list.data &&
    (list.data.more ? say('today.more', { n: formats.number(list.data.count) }) : formats.number(list.data.count))
  return (
    <>
      <PageHead trail={[{ label: say('frame.members'), to: '/members' }]} title={title} state={count ?? ''} />
      <div className={css.page}>
        {list.isError && !list.data ? (
          <Failure error={list.error} onRetry={() => void list.refetch()} />
        ) : !list.data ? (
          <div className={css.waiting} aria-busy="true">
            {[1, 2, 3, 4, 5].map((row) => (
              <Skeleton key={row} height={50} />
            ))}
          </div>
        ) : list.data.proposals.length === 0 ? (
          <Empty icon="check" title={say('families.noneTitle')}>
            {say('families.none')}
          </Empty>
        ) : (
          <Proposals proposals={list.data.proposals} />
        )}
      </div>
    </>
  )
}

function Proposals({ proposals }: { proposals: readonly Proposal[] }) {
  const say = useText()
  const [at, setAt] = useState(0)
  const [chosen, setChosen] = useState<ReadonlyMap<string, TieKind>>(new Map())
  const rows = useRef<HTMLUListElement>(null)
  const confirming = useAct(putFamily, { changes: changesOfFamilies })
  const refusing = useAct(deleteFamily, { changes: changesOfFamilies })
  const puttingOff = useAct(putOffFamily, { changes: changesOfFamilies })
  const busy = confirming.isPending || refusing.isPending || puttingOff.isPending
  const current = Math.min(at, proposals.length - 1)
  const kindOf = (proposal: Proposal) => chosen.get(keyOfPair(proposal)) ?? proposal.kind

  const go = (to: number) => {
    const next = Math.max(0, Math.min(proposals.length - 1, to))
    setAt(next)
    rows.current?.children[next]?.querySelector<HTMLElement>('[data-answer]')?.focus()
  }
  const answer = (proposal: Proposal, what: Answer) => {
    if (busy) return
    const pair = { memberId: proposal.a.memberId, otherId: proposal.b.memberId }
    if (what === 'confirm') confirming.mutate({ ...pair, kind: kindOf(proposal) })
    else if (what === 'refuse') refusing.mutate(pair)
    else puttingOff.mutate(pair)
  }
  const onKey = (event: KeyboardEvent) => {
    const typing =
      event.target instanceof Element &&
      event.target.closest('input, textarea, [role="combobox"], [role="dialog"], dialog')
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return
    const proposal = proposals[current]
    const key = event.key.toLowerCase()
    if (key === 'arrowdown' || key === 'j') go(current + 1)
    else if (key === 'arrowup' || key === 'k') go(current - 1)
    else if (proposal && answerOf[key]) answer(proposal, answerOf[key])
    else return
    event.preventDefault()
  }
  // The newest way to answer is the one that a key takes.
  const latest = useRef(onKey)
  latest.current = onKey
  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
  return (
    <>
      <p className={css.hint}>
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> {say('families.move')}
        </span>
        <span>
          <kbd>Y</kbd> {say('family.confirm')}
        </span>
        <span>
          <kbd>N</kbd> {say('family.refuse')}
        </span>
        <span>
          <kbd>L</kbd> {say('families.later')}
        </span>
      </p>
      <ProblemNote error={confirming.error ?? refusing.error ?? puttingOff.error} />
      <ul ref={rows} aria-label={say('families.title')}>
        {proposals.map((proposal, index) => (
          <li key={keyOfPair(proposal)}>
            <Row
              proposal={proposal}
              kind={kindOf(proposal)}
              current={index === current}
              busy={busy}
              onHere={() => setAt(index)}
              onKind={(kind) => setChosen(new Map([...chosen, [keyOfPair(proposal), kind]]))}
              onAnswer={(what) => answer(proposal, what)}
            />
          </li>
        ))}
      </ul>
    </>
  )
}

function Row({
  proposal,
  kind,
  current,
  busy,
  onHere,
  onKind,
  onAnswer,
}: {
  proposal: Proposal
  kind: TieKind
  current: boolean
  busy: boolean
  onHere: () => void
  onKind: (kind: TieKind) => void
  onAnswer: (answer: Answer) => void
}) {
  const say = useText()
  const kinds = useTieKinds()
  const { a, b, evidence } = proposal
  const name = (side: Proposal['a']) => side.name ?? say('members.unnamed')
  const asked = say('families.isTo', { a: name(a), b: name(b) })
  return (
    <section
      className={css.proposal}
      data-current={current || undefined}
      onFocus={onHere}
      aria-label={`${name(a)}, ${name(b)}`}
    >
      <Side side={a} />
      <Side side={b} />
      <Shared evidence={evidence} />
      <div className={css.answer}>
        <span className={`cut ${css.asked}`} title={asked}>
          {asked}
        </span>
        <Select
          size="small"
          value={kind}
          options={kinds}
          onChange={onKind}
          popupMatchSelectWidth={false}
          aria-label={asked}
        />
        <Button
          size="small"
          type={current ? 'primary' : 'default'}
          disabled={busy}
          onClick={() => onAnswer('confirm')}
          data-answer
          aria-keyshortcuts="y"
        >
          {say('family.confirm')}
        </Button>
        <Button size="small" disabled={busy} onClick={() => onAnswer('refuse')} aria-keyshortcuts="n">
          {say('family.refuse')}
        </Button>
        <Button size="small" type="text" disabled={busy} onClick={() => onAnswer('later')} aria-keyshortcuts="l">
          {say('families.later')}
        </Button>
      </div>
    </section>
  )
}

function Side({ side }: { side: Proposal['a'] }) {
  const say = useText()
  return (
    <span className={css.side}>
      <Avatar name={side.name} of={side.memberId} />
      <span className={css.who}>
        <Link to="/members/$memberId" params={{ memberId: side.memberId }} className={`cut ${css.name}`}>
          {side.name ?? say('members.unnamed')}
        </Link>
        <small>
          <Dotted>
            {side.gender && (say.code('gender', side.gender) ?? side.gender)}
            {side.birthDate && say('member.age', { count: ageOf(side.birthDate) })}
            {side.city}
          </Dotted>
        </small>
      </span>
    </span>
  )
}
