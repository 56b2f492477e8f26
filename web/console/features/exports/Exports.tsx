/** Files that were taken out: what others ask for and waits for an approval, and one's own, from asked for to gone. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { cancelExport, type ExportView, exportFile, listApprovals, listExports } from '#modules/exports/contract'
import { addressOf } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { AskExport } from '../../parts/AskExport.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Decide } from './Decide.tsx'
import { ExportRules } from './ExportRules.tsx'
import css from './Exports.module.css'
import { Trace } from './Trace.tsx'

const tones = {
  counting: 'accent',
  waiting: 'amber',
  making: 'accent',
  ready: 'green',
  refused: 'red',
  cancelled: 'grey',
  failed: 'red',
  expired: 'grey',
} as const

const isWorking = ({ state }: ExportView) => state === 'counting' || state === 'making'

export function Exports() {
  const say = useText()
  const mayAsk = useMay('members.export')
  const maySee = useMaySee('members.export')
  const mayApprove = useMaySee('exports.approve')
  const mayRule = useMay('settings.change')
  const mayTrace = useMaySee('audit.read')
  const [open, setOpen] = useState<'ask' | 'rules' | 'trace' | null>(null)
  const own = useQuery({
    ...reading(listExports, {}),
    enabled: maySee,
    refetchInterval: ({ state }) => (state.data?.exports.some(isWorking) ? 1_000 : 30_000),
  })
  const others = useQuery({ ...reading(listApprovals, {}), enabled: mayApprove, refetchInterval: 30_000 })
  const close = () => setOpen(null)
  const failed = [own, others].find(({ isError, data }) => isError && !data)
  const ask = mayAsk && (
    <Button type="primary" icon={<Icon name="download" size={15} />} onClick={() => setOpen('ask')}>
      {say('exports.ask')}
    </Button>
  )
  const waiting = (maySee && own.isPending) || (mayApprove && others.isPending)
  const [mine, theirs] = [own.data?.exports ?? [], others.data?.exports ?? []]
  return (
    <>
      <PageHead
        title={say('frame.exports')}
        actions={
          <>
            {mayTrace && <Button onClick={() => setOpen('trace')}>{say('exports.trace')}</Button>}
            {mayRule && maySee && <Button onClick={() => setOpen('rules')}>{say('exports.ruling')}</Button>}
            {mine.length > 0 && ask}
          </>
        }
      />
      <div className={css.page}>
        {failed ? (
          <Failure error={failed.error} onRetry={() => void failed.refetch()} />
        ) : waiting ? (
          [1, 2, 3, 4].map((row) => (
            <div key={row} className={css.row}>
              <Skeleton width="70%" />
            </div>
          ))
        ) : (
          <>
            {theirs.length > 0 && (
              <section aria-labelledby="exports-theirs">
                <h2 id="exports-theirs">{say('exports.approvals')}</h2>
                <ul>
                  {theirs.map((one) => (
                    <Row key={one.id} one={one} theirs acts={one.state === 'waiting' && <Decide one={one} />} />
                  ))}
                </ul>
              </section>
            )}
            {mine.length > 0 ? (
              <section aria-label={say('exports.own')}>
                {theirs.length > 0 && <h2>{say('exports.own')}</h2>}
                <ul>
                  {mine.map((one) => (
                    <OwnRow key={one.id} one={one} />
                  ))}
                </ul>
              </section>
            ) : (
              theirs.length === 0 && (
                <Empty icon="download" title={say('exports.none')} action={ask}>
                  {say('exports.noneHint')}
                </Empty>
              )
            )}
          </>
        )}
      </div>
      {open === 'ask' && <AskExport onClose={close} />}
      {open === 'rules' && <ExportRules onClose={close} />}
      {open === 'trace' && <Trace onClose={close} />}
    </>
  )
}

function OwnRow({ one }: { one: ExportView }) {
  const say = useText()
  const mayAsk = useMay('members.export')
  const cancelling = useAct(cancelExport, { changes: [keyOf(listExports)] })
  const alive = isWorking(one) || one.state === 'ready' || one.state === 'waiting'
  return (
    <Row
      one={one}
      acts={
        <>
          <ProblemNote error={cancelling.error} />
          {one.state === 'ready' && one.downloadsLeft > 0 && (
            <Button
              size="small"
              type="primary"
              icon={<Icon name="download" size={14} />}
              href={addressOf(exportFile, { exportId: one.id })}
              download
            >
              {say('exports.take')}
            </Button>
          )}
          {alive && mayAsk && (
            <Button size="small" loading={cancelling.isPending} onClick={() => cancelling.mutate({ exportId: one.id })}>
              {say(one.state === 'ready' ? 'exports.delete' : 'cancel')}
            </Button>
          )}
        </>
      }
    />
  )
}

function Row({ one, theirs = false, acts }: { one: ExportView; theirs?: boolean; acts: ReactNode }) {
  const say = useText()
  const formats = useFormats()
  return (
    <li className={css.row}>
      <span className={css.sign}>
        <Icon name={one.kind === 'orders' ? 'card' : one.kind === 'points' ? 'points' : 'members'} size={14} />
      </span>
      <span className={css.what}>
        <b className="cut" title={one.reason}>
          {one.reason}
        </b>
        <small className="cut">
          <Dotted>
            {theirs && (one.askedBy.name ?? say.code('actor', one.askedBy.actor.split(':')[0]!))}
            {say(`exportKind.${one.kind}`)}
            {one.format.toUpperCase()}
            {one.clear && say('exports.clear')}
            {formats.ago(one.askedAt)}
          </Dotted>
        </small>
      </span>
      <span className={css.numbers}>
        {one.error ? (
          (say.code('refusal', one.error, { limit: 0, downloads: 0, permission: '', state: '' }) ?? one.error)
        ) : (
          <Dotted>
            {one.rows !== null && say('exports.rows', { count: one.rows })}
            {one.state === 'ready' && one.bytes !== null && formats.bytes(one.bytes)}
            {one.state === 'ready' && one.expiresAt && say('exports.goneAt', { at: formats.dateTime(one.expiresAt) })}
            {one.state === 'ready' && say('exports.left', { count: one.downloadsLeft })}
            {one.decisionReason && say('exports.decided', { reason: one.decisionReason })}
          </Dotted>
        )}
      </span>
      <Chip tone={tones[one.state]}>{say(`exportState.${one.state}`)}</Chip>
      <span className={css.acts}>{acts}</span>
    </li>
  )
}
