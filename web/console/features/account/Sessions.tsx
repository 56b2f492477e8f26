/** Where I am signed in: browser, address, when; each can be ended, and all others at once. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { endOtherSessions, endOwnSession, listOwnSessions } from '#modules/access/contract'
import type { Output } from '#ui/call.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Account.module.css'
import { browserOf } from './browsers.ts'

export function Sessions() {
  const say = useText()
  const sessions = useQuery(reading(listOwnSessions, {}))
  const ending = useAct(endOtherSessions, { changes: [keyOf(listOwnSessions)] })
  const others = sessions.data?.sessions.some(({ own }) => !own) ?? false
  return (
    <section>
      <div className={css.title}>
        <h2>{say('account.sessions')}</h2>
        {others && (
          <Button loading={ending.isPending} onClick={() => ending.mutate({})}>
            {say('account.endOthers')}
          </Button>
        )}
      </div>
      <p className={css.why}>{say('account.sessionsWhy')}</p>
      <ProblemNote error={ending.error} />
      {sessions.isError ? (
        <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : sessions.isPending ? (
        <Skeleton width="50%" />
      ) : (
        <ul>
          {sessions.data.sessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
    </section>
  )
}

function SessionRow({ session }: { session: Output<typeof listOwnSessions>['sessions'][number] }) {
  const say = useText()
  const formats = useFormats()
  const ending = useAct(endOwnSession, { changes: [keyOf(listOwnSessions)] })
  const browser = browserOf(session.agent)
  return (
    <li className={css.row}>
      <div>
        <b className="cut" title={session.agent ?? ''}>
          {browser ?? say('account.unknownBrowser')}
        </b>
        <small>
          {say('account.sessionSince', {
            at: formats.dateTime(session.createdAt),
            address: session.address ?? say('account.unknownAddress'),
          })}
        </small>
        <ProblemNote error={ending.error} />
      </div>
      {session.own ? (
        <Chip tone="green">{say('account.thisSession')}</Chip>
      ) : (
        <>
          <small>{session.lastSeenAt && say('account.lastSeen', { at: formats.ago(session.lastSeenAt) })}</small>
          <Button size="small" loading={ending.isPending} onClick={() => ending.mutate({ sessionId: session.id })}>
            {say('account.endSession')}
          </Button>
        </>
      )}
    </li>
  )
}
