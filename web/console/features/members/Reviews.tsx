/**
 * Pairs that wait for somebody to decide, one after another: two records side by side, what differs marked, what gave the
 * evidence beside them. By keys alone; each answer can be taken back.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Input, type InputRef } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { z } from 'zod'
import { listMembers, memberPage, readToday } from '#modules/desk/contract'
import { decideReview, listReviews, type reviewView, undoReviewDecision } from '#modules/members/contract'
import { Icon } from '#ui/icons.tsx'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Avatar } from '../../parts/Avatar.tsx'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import { NotPermitted } from '../../parts/NotPermitted.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { piecesOf } from './differences.ts'
import { chanceText, EvidenceParts } from './Evidence.tsx'
import { useFieldValue } from './fields.ts'
import css from './Reviews.module.css'
import { Secret } from './Secret.tsx'

const route = getRouteApi('/frame/members/reviews')

type Review = z.output<typeof reviewView>
type Decision = 'join' | 'apart' | 'later'

const page = 20
const keyFor: Record<Decision, string> = { join: 'S', apart: 'D', later: 'L' }
const idOf = ({ a, b }: { a: string; b: string }) => `${a} ${b}`

export function Reviews() {
  const say = useText()
  const maySee = useMaySee('members.join')
  if (maySee) return <Queue />
  return (
    <>
      <PageHead trail={[{ label: say('frame.members'), to: '/members' }]} title={say('deciding.title')} />
      <NotPermitted />
    </>
  )
}

function Queue() {
  const say = useText()
  const formats = useFormats()
  const { reason, member } = route.useSearch()
  const navigate = route.useNavigate()
  const mayDecide = useMay('members.join')
  const [at, setAt] = useState(0)
  const [answers, setAnswers] = useState<{ a: string; b: string; id: string; decision: Decision }[]>([])
  const [words, setWords] = useState('')
  const region = useRef<HTMLElement>(null)
  const wordsField = useRef<InputRef>(null)
  const queue = useQuery({
    ...reading(listReviews, { reason, memberId: member, limit: page, offset: 0 }),
    placeholderData: keepPreviousData,
  })
  const changes = [keyOf(listReviews), keyOf(memberPage), keyOf(listMembers), keyOf(readToday)]
  const deciding = useAct(decideReview, { changes, onDone: () => setWords('') })
  const undoing = useAct(undoReviewDecision, { changes })
  const busy = deciding.isPending || undoing.isPending
  const reviews = queue.data?.reviews ?? []
  const chosen = Math.min(at, Math.max(0, reviews.length - 1))
  const review = reviews[chosen]
  const count = queue.data?.count ?? 0
  const shown = review && idOf(review)

  useEffect(() => {
    // Keys are for whoever works here: they hold while the page itself has the focus.
    if (shown !== undefined) region.current?.focus({ preventScroll: true })
  }, [shown])

  const move = (to: number) => {
    deciding.reset()
    setAt(Math.max(0, Math.min(reviews.length - 1, to)))
  }
  const decide = (decision: Decision) => {
    if (!review || busy || !mayDecide) return
    const { a, b } = review
    const id = newId()
    undoing.reset()
    deciding.mutate(
      { a, b, decision, id, reason: words.trim() || say('deciding.looked') },
      { onSuccess: () => setAnswers((before) => [...before, { a, b, id, decision }]) },
    )
  }
  const undo = () => {
    const last = answers.at(-1)
    if (!last || busy) return
    deciding.reset()
    undoing.mutate(
      { a: last.a, b: last.b, decisionId: last.id },
      {
        onSuccess: () => {
          setAnswers((before) => before.slice(0, -1))
          // It stands where it stood by its evidence, which may be anywhere on the page.
          setAt(0)
        },
      },
    )
  }
  const onKey = useRef<(event: KeyboardEvent) => void>(() => {})
  onKey.current = (event) => {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const inside = target === document.body || region.current?.contains(target)
    if (!inside || target.closest('input, textarea, [role="dialog"], [role="tooltip"], .ant-popover')) return
    const key = event.key.toLowerCase()
    const answer = (['join', 'apart', 'later'] as const).find((one) => keyFor[one].toLowerCase() === key)
    if (key === 'j' || event.key === 'ArrowRight' || event.key === 'ArrowDown') move(chosen + 1)
    else if (key === 'k' || event.key === 'ArrowLeft' || event.key === 'ArrowUp') move(chosen - 1)
    else if (answer) decide(answer)
    else if (key === 'u') undo()
    else if (key === 'n') wordsField.current?.focus()
    else return
    event.preventDefault()
  }
  useEffect(() => {
    const hear = (event: KeyboardEvent) => onKey.current(event)
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])

  const done = answers.length
  const all = done + count
  const many = queue.data?.more ? say('deciding.andMore', { n: formats.number(all) }) : formats.number(all)
  const position = say('deciding.position', { n: formats.number(Math.min(all, done + chosen + 1)), all: many })
  const last = answers.at(-1)
  const choose = (next: string | undefined) => {
    setAt(0)
    void navigate({ search: { ...(member && { member }), ...(next && { reason: next }) }, replace: true })
  }
  return (
    <>
      <PageHead
        trail={[{ label: say('frame.members'), to: '/members' }]}
        title={say('deciding.title')}
        state={
          queue.data && all > 0 ? (
            <span role="status" className={css.position}>
              {count > 0 ? position : say('deciding.allDone', { count: done })}
            </span>
          ) : undefined
        }
        actions={
          <Button
            icon={<Icon name="undo" size={15} />}
            disabled={!last || !mayDecide}
            loading={undoing.isPending}
            onClick={undo}
            aria-keyshortcuts="u"
          >
            {say('deciding.undo')} <kbd className={css.key}>U</kbd>
          </Button>
        }
      />
      <div className={css.filters}>
        <fieldset className={css.reasons} aria-label={say('deciding.filter')}>
          <button type="button" aria-pressed={reason === undefined} onClick={() => choose(undefined)}>
            {say('deciding.all')}
          </button>
          {(queue.data?.reasons ?? []).map((one) => (
            <button
              key={one.reason}
              type="button"
              aria-pressed={reason === one.reason}
              onClick={() => choose(one.reason)}
            >
              {say.code('asked', one.reason) ?? one.reason} <span>{formats.number(one.count)}</span>
            </button>
          ))}
          {member && (
            <button type="button" onClick={() => void navigate({ search: reason ? { reason } : {}, replace: true })}>
              {say('deciding.ofOne')} <Icon name="close" size={12} />
            </button>
          )}
        </fieldset>
        {all > 0 && <ProgressBar done={done} of={all} label={say('deciding.progress')} />}
      </div>
      <section ref={region} tabIndex={-1} className={css.queue} aria-label={say('deciding.title')}>
        {queue.isError && !queue.data ? (
          <Failure error={queue.error} onRetry={() => void queue.refetch()} />
        ) : queue.isPending ? (
          <div className={css.waiting} aria-busy="true">
            {[1, 2, 3, 4, 5, 6, 7].map((row) => (
              <Skeleton key={row} width="80%" height={22} />
            ))}
          </div>
        ) : review ? (
          <Pair key={idOf(review)} review={review}>
            <ProblemNote error={deciding.error ?? undoing.error} />
          </Pair>
        ) : (
          <Empty icon="check" title={done > 0 ? say('deciding.allDone', { count: done }) : say('deciding.noneTitle')}>
            {reason || member ? say('deciding.noneHere') : say('deciding.none')}
            <ProblemNote error={undoing.error} />
          </Empty>
        )}
      </section>
      {review && (
        <footer className={css.acts}>
          <span className={css.moves}>
            <Button
              type="text"
              icon={<Icon name="up" size={15} />}
              disabled={chosen === 0}
              onClick={() => move(chosen - 1)}
              aria-label={say('deciding.before')}
              aria-keyshortcuts="k"
            />
            <Button
              type="text"
              icon={<Icon name="down" size={15} />}
              disabled={chosen >= reviews.length - 1}
              onClick={() => move(chosen + 1)}
              aria-label={say('deciding.next')}
              aria-keyshortcuts="j"
            />
            <small>
              <kbd className={css.key}>J</kbd> <kbd className={css.key}>K</kbd>
            </small>
          </span>
          {mayDecide && (
            <>
              <Input
                ref={wordsField}
                className={css.words ?? ''}
                value={words}
                maxLength={300}
                placeholder={say('deciding.words')}
                aria-label={say('deciding.words')}
                suffix={<kbd className={css.key}>N</kbd>}
                onChange={({ target }) => setWords(target.value)}
                onKeyDown={({ key }) => {
                  if (key === 'Escape' || key === 'Enter') region.current?.focus()
                }}
              />
              {(['later', 'apart', 'join'] as const).map((decision) => (
                <AnswerButton
                  key={decision}
                  decision={decision}
                  k={keyFor[decision]}
                  primary={decision === 'join'}
                  loading={deciding.isPending && deciding.variables.decision === decision}
                  onDecide={decide}
                />
              ))}
            </>
          )}
        </footer>
      )}
    </>
  )
}

function AnswerButton({
  decision,
  k,
  primary = false,
  loading,
  onDecide,
}: {
  decision: Decision
  k: string
  primary?: boolean
  loading: boolean
  onDecide: (decision: Decision) => void
}) {
  const say = useText()
  return (
    <Button
      type={primary ? 'primary' : 'default'}
      loading={loading}
      onClick={() => onDecide(decision)}
      aria-keyshortcuts={k.toLowerCase()}
    >
      {say(`decision.${decision}`)} <kbd className={primary ? css.keyOnAccent : css.key}>{k}</kbd>
    </Button>
  )
}

/** Fields in the order in which a person tells whether two are one. */
const first = [
  'name',
  'familyName',
  'givenName',
  'birthDate',
  'gender',
  'phone',
  'email',
  'documentType',
  'documentNumber',
]

function Pair({ review, children }: { review: Review; children: ReactNode }) {
  const say = useText()
  const formats = useFormats()
  const [one, two] = review.sides as [Review['sides'][number], Review['sides'][number]]
  const names = [...new Set(review.sides.flatMap(({ fields }) => fields.map(({ field }) => field)))]
  const rankOf = (field: string) => (first.includes(field) ? first.indexOf(field) : first.length)
  const fields = names
    // Both parts stand in the name.
    .filter((field) => !(['familyName', 'givenName'].includes(field) && names.includes('name')))
    .sort((x, y) => rankOf(x) - rankOf(y))
  const kind = review.kind.split('@')[0] ?? review.kind
  return (
    <div className={css.pair}>
      <div className={css.compare}>
        <table>
          <caption className="spoken">{say('deciding.compare')}</caption>
          <thead>
            <tr>
              <td />
              {[one, two].map((side) => (
                <th key={side.recordId} scope="col">
                  <Side side={side} />
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <Row key={field} review={review} field={field} />
            ))}
          </tbody>
        </table>
      </div>
      <aside className={css.why} aria-label={say('deciding.why')}>
        <h2>{say('deciding.why')}</h2>
        <p>
          {say.code('evidence', kind) ?? kind}
          {say('comma')}
          {say.code('review', review.reason) ?? review.reason}
        </p>
        {review.score !== null && (
          <p className={css.chance}>
            <b>{chanceText(say, formats.percent, review.score)}</b>
            <small>{say('deciding.chance')}</small>
          </p>
        )}
        {review.parts.length > 0 && <EvidenceParts parts={review.parts} score={review.score} />}
        <small className={css.found}>{say('deciding.found', { at: formats.ago(review.foundAt) })}</small>
        {children}
        <dl className={css.effects}>
          {(['join', 'apart', 'later'] as const).map((decision) => (
            <div key={decision}>
              <dt>{say(`decision.${decision}`)}</dt>
              <dd>{say(`effect.${decision}`)}</dd>
            </div>
          ))}
        </dl>
      </aside>
    </div>
  )
}

function Side({ side }: { side: Review['sides'][number] }) {
  const say = useText()
  const name = side.fields.find(({ field }) => field === 'name')?.value ?? say('members.unnamed')
  return (
    <span className={css.side}>
      <Avatar name={name} of={side.memberId} size={24} />
      <span>
        <Link to="/members/$memberId" params={{ memberId: side.memberId }}>
          {name}
        </Link>
        <small>{side.channel.name}</small>
      </span>
    </span>
  )
}

function Row({ review, field }: { review: Review; field: string }) {
  const say = useText()
  const [one, two] = review.sides.map(({ fields }) => fields.find((each) => each.field === field))
  const state = review.alike.includes(field) ? 'same' : review.differing.includes(field) ? 'differs' : 'one'
  return (
    <tr className={css[state]}>
      <th scope="row">{fieldName(say, field)}</th>
      <td>
        <span className={css.value}>{one && <Value side={review.sides[0]!} told={one} other={two} />}</span>
      </td>
      <td>
        <span className={css.value}>{two && <Value side={review.sides[1]!} told={two} other={one} />}</span>
      </td>
      <td className={css.mark}>
        {state !== 'one' && <Chip tone={state === 'same' ? 'green' : 'amber'}>{say(`alike.${state}`)}</Chip>}
      </td>
    </tr>
  )
}

type Told = Review['sides'][number]['fields'][number]

function Value({ side, told, other }: { side: Review['sides'][number]; told: Told; other: Told | undefined }) {
  const valueText = useFieldValue()
  const mayReveal = useMay('members.reveal')
  if (told.masked)
    return (
      <Secret
        memberId={side.memberId}
        recordId={side.recordId}
        field={told.field}
        masked={told.value}
        closed={!mayReveal}
      />
    )
  const text = valueText(told.field, told.value)
  if (!other) return text
  return (
    <span>
      {piecesOf(text, valueText(other.field, other.value)).map(({ text: piece, same }, at) =>
        // Pieces don't move.
        // biome-ignore lint/suspicious/noArrayIndexKey: their order is their meaning
        same ? <span key={at}>{piece}</span> : <mark key={at}>{piece}</mark>,
      )}
    </span>
  )
}
