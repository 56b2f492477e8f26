/** What the program does by the clock and in the background, what went wrong with it, and what can be done. */
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { giveUpJob, listJobs, listSchedules, runJob, runSchedule } from '#app/contract'
import type { Output } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './Settings.module.css'

type Schedule = Output<typeof listSchedules>['schedules'][number]
type Job = Output<typeof listJobs>['jobs'][number]

const states = ['waiting', 'running', 'retrying', 'failed'] as const
const tones = { waiting: 'grey', running: 'accent', retrying: 'amber', failed: 'red' } as const
const changes = [keyOf(listJobs), keyOf(listSchedules)]
const refreshMilliseconds = 3_000

export function Jobs() {
  const say = useText()
  const schedules = useQuery({ ...reading(listSchedules, {}), refetchInterval: refreshMilliseconds })
  return (
    <div className={css.page}>
      <Background />
      <section>
        <h2 className={css.heading}>{say('schedules.title')}</h2>
        <p className={css.why}>{say('schedules.why')}</p>
        {schedules.isError && !schedules.data ? (
          <Failure error={schedules.error} onRetry={() => void schedules.refetch()} />
        ) : schedules.isPending ? (
          <Waiting />
        ) : (
          <ul>
            {schedules.data.schedules.map((one) => (
              <ScheduleRow key={one.name} schedule={one} />
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}

function Waiting() {
  return [1, 2, 3].map((row) => (
    <div key={row} className={css.job}>
      <Skeleton width="50%" />
    </div>
  ))
}

function ScheduleRow({ schedule: { name, nextAt, last } }: { schedule: Schedule }) {
  const say = useText()
  const formats = useFormats()
  const mayRun = useMay('operations.run')
  const running = useAct(runSchedule, { changes })
  const tookSeconds = last?.endedAt ? (Date.parse(last.endedAt) - Date.parse(last.beganAt)) / 1000 : 0
  const state = !last ? null : last.error !== null ? 'failed' : last.endedAt === null ? 'running' : 'done'
  return (
    <li className={css.job}>
      <div>
        <span>
          <b>{say.code('job', name) ?? name}</b>
          <small>
            <Dotted>
              {nextAt && say('schedules.next', { at: formats.dateTime(nextAt) })}
              {last ? say('schedules.last', { at: formats.dateTime(last.beganAt) }) : say('schedules.never')}
              {tookSeconds >= 1 && say('schedules.took', { time: formats.duration(tookSeconds) })}
            </Dotted>
          </small>
        </span>
        {state ? (
          <Chip tone={state === 'failed' ? 'red' : state === 'running' ? 'accent' : 'green'}>
            {say(`outcome.${state}`)}
          </Chip>
        ) : (
          <span />
        )}
        {mayRun && (
          <span className={css.acts}>
            <Button
              size="small"
              loading={running.isPending}
              onClick={() => running.mutate({ name })}
              aria-label={say('schedules.runOne', { name: say.code('job', name) ?? name })}
            >
              {say('jobs.runNow')}
            </Button>
          </span>
        )}
      </div>
      {last?.error && <p className={css.error}>{last.error}</p>}
      <ProblemNote error={running.error} />
    </li>
  )
}

/** Whatever waits, works or failed; what went well has left the list. */
function Background() {
  const say = useText()
  const formats = useFormats()
  const [state, setState] = useState<(typeof states)[number] | null>(null)
  const list = useQuery({ ...reading(listJobs, state ? { state } : {}), refetchInterval: refreshMilliseconds })
  const counts = list.data?.counts
  const shown = list.data?.jobs ?? []
  const total = counts ? (state ? counts[state] : states.reduce((sum, one) => sum + counts[one], 0)) : 0
  return (
    <section>
      <h2 className={css.heading}>{say('jobs.title')}</h2>
      <p className={css.why}>{say('jobs.why')}</p>
      <fieldset className={css.states}>
        <legend className="spoken">{say('jobs.show')}</legend>
        <button type="button" aria-pressed={state === null} onClick={() => setState(null)}>
          {say('jobs.all')}
        </button>
        {states.map((one) => (
          <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
            {say(`jobState.${one}`)} {counts && formats.number(counts[one])}
          </button>
        ))}
      </fieldset>
      {list.isError && !list.data ? (
        <Failure error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Waiting />
      ) : shown.length === 0 ? (
        <p className={css.none}>{say('jobs.none')}</p>
      ) : (
        <ul>
          {shown.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      )}
      {total > shown.length && <p className={css.none}>{say('jobs.newest', { n: shown.length, m: total })}</p>}
    </section>
  )
}

function JobRow({ job }: { job: Job }) {
  const say = useText()
  const formats = useFormats()
  const mayRun = useMay('operations.run')
  const running = useAct(runJob, { changes })
  const giving = useAct(giveUpJob, { changes })
  const name = say.code('job', job.name) ?? job.name
  return (
    <li className={css.job}>
      <div>
        <span>
          <b>{name}</b>
          <small>
            <Dotted>
              {say('jobs.number', { n: job.id })}
              {job.startedAt
                ? say('jobs.began', { at: formats.dateTime(job.startedAt) })
                : job.state === 'failed'
                  ? say('jobs.added', { at: formats.dateTime(job.addedAt) })
                  : say('jobs.due', { at: formats.dateTime(job.runAt) })}
              {job.attempts > 0 && say('jobs.tries', { n: job.attempts, m: job.mostAttempts })}
            </Dotted>
          </small>
        </span>
        <Chip tone={tones[job.state]}>{say(`jobState.${job.state}`)}</Chip>
        {mayRun && job.state !== 'running' && (
          <span className={css.acts}>
            <Button
              size="small"
              icon={job.state === 'waiting' ? null : <Icon name="refresh" size={14} />}
              loading={running.isPending}
              onClick={() => running.mutate({ id: job.id })}
            >
              {say(job.state === 'waiting' ? 'jobs.runNow' : 'jobs.tryAgain')}
            </Button>
            <Popconfirm
              title={say('jobs.giveUpTitle', { name })}
              description={say('jobs.giveUpEffect')}
              okText={say('jobs.giveUp')}
              okButtonProps={{ danger: true }}
              onConfirm={() => giving.mutate({ id: job.id })}
            >
              <Button size="small" loading={giving.isPending}>
                {say('jobs.giveUp')}
              </Button>
            </Popconfirm>
          </span>
        )}
      </div>
      {job.lastError && <p className={css.error}>{job.lastError}</p>}
      <ProblemNote error={running.error ?? giving.error} />
    </li>
  )
}
