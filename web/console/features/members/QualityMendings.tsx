/** What is or was done to many at once: how far it is, and how it is taken back. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import {
  listMendings,
  type MendingView,
  readBreakdown,
  readQuality,
  stopMending,
  toMend,
  undoMending,
} from '#modules/quality/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useDictionary } from '../../parts/useDictionary.ts'
import { useText } from '../../texts/texts.ts'
import css from './Quality.module.css'

/** What shows numbers that mending changes. */
export const mendingChanges = [keyOf(listMendings), keyOf(readQuality), keyOf(readBreakdown), keyOf(toMend)]

const tones = { running: 'accent', undoing: 'accent', done: 'green', stopped: 'amber', undone: 'grey' } as const
const isWorking = ({ state }: MendingView) => state === 'running' || state === 'undoing'

export function Mendings() {
  const say = useText()
  const maySee = useMaySee('members.write')
  const list = useQuery({
    ...reading(listMendings, { limit: 10 }),
    enabled: maySee,
    refetchInterval: ({ state }) => (state.data?.mendings.some(isWorking) ? 1_000 : false),
  })
  const shown = list.data?.mendings ?? []
  if (shown.length === 0) return null
  return (
    <section aria-label={say('mending.title')} className={css.whole}>
      <h2>{say('mending.title')}</h2>
      <ul className={css.mendings}>
        {shown.map((mending) => (
          <Mending key={mending.id} mending={mending} />
        ))}
      </ul>
    </section>
  )
}

function Mending({ mending }: { mending: MendingView }) {
  const say = useText()
  const formats = useFormats()
  const { fieldText } = useDictionary()
  const mayWrite = useMay('members.write')
  const stopping = useAct(stopMending, { changes: mendingChanges })
  const undoing = useAct(undoMending, { changes: mendingChanges })
  const { id, kind, field, state, looked, total, changed, undone, by, reason, createdAt } = mending
  const name = say(`mendingKind.${kind}`, { field: fieldText(field) })
  return (
    <li>
      <span>
        <b>{name}</b>
        <small>
          <Dotted>
            {by}
            {formats.dateTime(createdAt)}
            {reason !== 'dictionary' && reason}
            {state === 'undone' || state === 'undoing'
              ? say('mending.undone', { n: undone, m: changed })
              : say('mending.changed', { n: changed })}
          </Dotted>
        </small>
        {isWorking(mending) && (
          <ProgressBar
            done={state === 'undoing' ? undone : looked}
            of={state === 'undoing' ? changed : total}
            label={name}
          />
        )}
        <ProblemNote error={stopping.error ?? undoing.error} />
      </span>
      <Chip tone={tones[state]}>{say(`mendingState.${state}`)}</Chip>
      {mayWrite && state === 'running' && (
        <Button size="small" loading={stopping.isPending} onClick={() => stopping.mutate({ mendingId: id })}>
          {say('mending.stop')}
        </Button>
      )}
      {mayWrite && (state === 'done' || state === 'stopped') && changed > 0 && (
        <Popconfirm
          title={say('mending.undoTitle', { n: changed })}
          description={say('mending.undoEffect')}
          okText={say('mending.undo')}
          onConfirm={() => undoing.mutate({ mendingId: id })}
        >
          <Button size="small" loading={undoing.isPending} aria-label={say('mending.undoOne', { name })}>
            {say('mending.undo')}
          </Button>
        </Popconfirm>
      )}
    </li>
  )
}
