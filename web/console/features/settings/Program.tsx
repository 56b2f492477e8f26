/** How the program is: what reacts to events and how far it has read, what failed, whether the books hold. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Popconfirm } from 'antd'
import { listReactions, rebuildWarehouseRoute, runParked, verifyBooks } from '#app/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { isLate } from '../../parts/reactions.ts'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useSession } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Keys } from './Keys.tsx'
import css from './Settings.module.css'

type Reactions = Output<typeof listReactions>

export function Program() {
  const say = useText()
  const reactions = useQuery({ ...reading(listReactions, {}), refetchInterval: 5_000 })
  return (
    <div className={css.page}>
      <section>
        <h2 className={css.heading}>{say('program.reactions')}</h2>
        <p className={css.why}>{say('program.reactionsWhy')}</p>
        {reactions.isError && !reactions.data ? (
          <Failure error={reactions.error} onRetry={() => void reactions.refetch()} />
        ) : reactions.isPending ? (
          [1, 2].map((row) => (
            <div key={row} className={css.row}>
              <Skeleton width="50%" />
            </div>
          ))
        ) : (
          <ul>
            {reactions.data.reactions.map((one) => (
              <ReactionRow
                key={one.reaction}
                one={one}
                parked={reactions.data.parked.filter(({ reaction }) => reaction === one.reaction)}
              />
            ))}
          </ul>
        )}
      </section>
      <Books />
      <Warehouse />
      <Keys />
    </div>
  )
}

function ReactionRow({ one, parked }: { one: Reactions['reactions'][number]; parked: Reactions['parked'] }) {
  const say = useText()
  const formats = useFormats()
  const mayRun = useMay('operations.run')
  const running = useAct(runParked, { changes: [keyOf(listReactions)] })
  const late = isLate(one)
  return (
    <li className={css.reaction}>
      <div className={css.row}>
        <div>
          <b className="cut">{say.code('reaction', one.reaction) ?? one.reaction}</b>
          <small>
            {one.lagMilliseconds < 1_000
              ? say('program.upToDate')
              : say('today.behind', { time: formats.duration(one.lagMilliseconds / 1000) })}
          </small>
        </div>
        <Chip tone={one.parked > 0 ? 'red' : late ? 'amber' : 'green'}>
          {one.parked > 0
            ? say('today.parkedCount', { count: one.parked })
            : say(late ? 'program.late' : 'program.well')}
        </Chip>
        {one.parked > 0 && mayRun && (
          <Button
            size="small"
            icon={<Icon name="refresh" size={14} />}
            loading={running.isPending}
            onClick={() => running.mutate({ reaction: one.reaction })}
          >
            {say('program.runAgain')}
          </Button>
        )}
      </div>
      {one.lastError && <p className={css.error}>{one.lastError}</p>}
      {running.data && running.data.left > 0 && (
        <p className={css.why}>{say('program.stillLeft', { count: running.data.left })}</p>
      )}
      <ProblemNote error={running.error} />
      {parked
        .filter(({ error }) => error !== null)
        .slice(0, 20)
        .map(({ memberId, type, error, tries, parkedAt }) => (
          <div key={`${memberId} ${type} ${parkedAt}`} className={css.parked}>
            <span>
              {say.code('event', type) ?? type}
              <small>
                {formats.dateTime(parkedAt)} · {say('program.tries', { count: tries })}
              </small>
            </span>
            <code className="cut" title={error ?? ''}>
              {error}
            </code>
            {memberId && (
              <Link to="/members/$memberId" params={{ memberId }}>
                {say('program.member')}
              </Link>
            )}
          </div>
        ))}
    </li>
  )
}

function Books() {
  const say = useText()
  const { onlyLooking } = useSession()
  const verifying = useAct(verifyBooks)
  return (
    <section>
      <div className={css.title}>
        <h2>{say('program.books')}</h2>
        {!onlyLooking && (
          <Button loading={verifying.isPending} onClick={() => verifying.mutate({})}>
            {say('program.verify')}
          </Button>
        )}
      </div>
      <p className={css.why}>{say('program.booksWhy')}</p>
      <ProblemNote error={verifying.error} />
      {verifying.data?.ok && (
        <p role="status" className={css.fine}>
          <Icon name="check" size={15} /> {say('program.booksHold')}
        </p>
      )}
      {verifying.data?.broken.map(({ invariant, detail, ids }) => (
        <p key={invariant} role="alert" className={css.error}>
          {invariant}: {detail} {ids.slice(0, 5).join(' ')}
        </p>
      ))}
    </section>
  )
}

function Warehouse() {
  const say = useText()
  const formats = useFormats()
  const mayRun = useMay('operations.run')
  const rebuilding = useAct(rebuildWarehouseRoute)
  if (!mayRun) return null
  return (
    <section>
      <div className={css.title}>
        <h2>{say('reaction.warehouse')}</h2>
        <Popconfirm
          title={say('program.rebuildTitle')}
          description={say('program.rebuildEffect')}
          okText={say('program.rebuild')}
          onConfirm={() => rebuilding.mutate({})}
        >
          <Button loading={rebuilding.isPending}>{say('program.rebuild')}</Button>
        </Popconfirm>
      </div>
      <p className={css.why}>{say('program.warehouseWhy')}</p>
      <ProblemNote error={rebuilding.error} />
      {rebuilding.data && (
        <p role="status" className={css.fine}>
          <Icon name="check" size={15} />{' '}
          {say('program.rebuilt', {
            n: formats.number(rebuilding.data.events),
            time: formats.duration(rebuilding.data.seconds),
          })}
        </p>
      )}
    </section>
  )
}
