/** The keys that personal values are sealed and found by: when they were changed last, and changing them. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { readRotation, reindexVault, rotateVault } from '#app/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Settings.module.css'

const refreshMilliseconds = 3_000

export function Keys() {
  const say = useText()
  const keys = useQuery({ ...reading(readRotation, {}), refetchInterval: refreshMilliseconds })
  const changes = [keyOf(readRotation)]
  const rotating = useAct(rotateVault, { changes })
  const reindexing = useAct(reindexVault, { changes })
  return (
    <section>
      <h2 className={css.heading}>{say('program.keys')}</h2>
      <p className={css.why}>{say('program.keysWhy')}</p>
      {keys.isError && !keys.data ? (
        <Failure error={keys.error} onRetry={() => void keys.refetch()} />
      ) : keys.isPending ? (
        [1, 2].map((row) => (
          <div key={row} className={css.row}>
            <Skeleton width="50%" />
          </div>
        ))
      ) : (
        <ul>
          <KeyRow
            name={say('program.masterKey')}
            why={say(keys.data.inFile ? 'program.masterKeyFile' : 'program.masterKeyGiven')}
            change={
              keys.data.rotation && {
                ...keys.data.rotation,
                done: keys.data.rotation.rewrapped,
                of: keys.data.rotation.homes,
              }
            }
            title={say('program.rotateTitle')}
            effect={say(keys.data.inFile ? 'program.rotateEffectFile' : 'program.rotateEffectGiven')}
            act={rotating}
          />
          <KeyRow
            name={say('program.indexKey')}
            why={say('program.indexKeyWhy')}
            change={
              keys.data.reindexing && {
                ...keys.data.reindexing,
                done: keys.data.reindexing.moved,
                of: keys.data.reindexing.rows,
              }
            }
            title={say('program.reindexTitle')}
            effect={say('program.reindexEffect')}
            act={reindexing}
          />
        </ul>
      )}
    </section>
  )
}

interface Change {
  startedAt: string
  finishedAt: string | null
  done: number
  of: number
}

function KeyRow({
  name,
  why,
  change,
  title,
  effect,
  act,
}: {
  name: string
  why: string
  change: Change | null
  title: string
  effect: string
  act: {
    isPending: boolean
    error: Parameters<typeof ProblemNote>[0]['error']
    mutate: (input: Record<string, never>) => void
  }
}) {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('vault.rotate')
  const isGoing = change !== null && change.finishedAt === null
  const toldAt = change && formats.dateTime(change.finishedAt ?? change.startedAt)
  return (
    <li className={css.reaction}>
      <div className={css.row}>
        <div>
          <b>{name}</b>
          <small>{why}</small>
        </div>
        <Chip tone={isGoing ? 'accent' : 'grey'}>
          {change === null
            ? say('program.keyFirst')
            : isGoing
              ? say('program.keyGoing')
              : say('program.keyChanged', { time: toldAt! })}
        </Chip>
        {mayChange && !isGoing && (
          <Popconfirm
            title={title}
            description={effect}
            okText={say('program.changeKey')}
            onConfirm={() => act.mutate({})}
          >
            <Button size="small" loading={act.isPending}>
              {say('program.changeKey')}
            </Button>
          </Popconfirm>
        )}
      </div>
      {isGoing && (
        <p className={css.why}>
          {say('program.keyMoved', { n: formats.number(change.done), all: formats.number(change.of) })}
          <ProgressBar done={change.done} of={change.of} label={name} />
        </p>
      )}
      <ProblemNote error={act.error} />
    </li>
  )
}
