/** How records without a common identity become one person: the lines the group draws, and the runs that go by them. */
import { useQuery } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import {
  addMatchingRun,
  type BandLines,
  changeMatchingSettings,
  effectOf,
  listMatchingRuns,
  readMatchingSettings,
} from '#modules/matching/contract'
import type { Output } from '#ui/call.ts'
import { newId } from '#ui/ids.ts'
import { keyOf, reading } from '#ui/queries.ts'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Chip } from '../../parts/Chip.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay, useMaySee } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Bands } from './Bands.tsx'
import css from './Matching.module.css'
import settings from './Settings.module.css'

export type Run = Output<typeof listMatchingRuns>['runs'][number]

export function Matching() {
  const maySeeRuns = useMaySee('operations.read')
  const maySeeLines = useMaySee('settings.read')
  const runs = useQuery({
    ...reading(listMatchingRuns, {}),
    enabled: maySeeRuns,
    refetchInterval: ({ state }) => (state.data?.runs.some(({ state }) => state === 'running') ? 1000 : false),
  })
  if (runs.isError && !runs.data) return <Failure error={runs.error} onRetry={() => void runs.refetch()} />
  const newest = runs.data?.runs.find(
    ({ state, result }) => state === 'done' && (result?.histogram.pairs.length ?? 0) > 0,
  )
  return (
    <div className={settings.page}>
      {maySeeLines && <Lines newest={newest ?? null} waiting={maySeeRuns && runs.isPending} />}
      {maySeeRuns && <Runs runs={runs.data?.runs ?? null} />}
    </div>
  )
}

function Lines({ newest, waiting }: { newest: Run | null; waiting: boolean }) {
  const say = useText()
  const kept = useQuery(reading(readMatchingSettings, {}))
  return (
    <section className={settings.wide} aria-labelledby="matching-lines">
      <h2 id="matching-lines" className={settings.heading}>
        {say('matching.lines')}
      </h2>
      <p className={settings.why}>{say('matching.linesWhy')}</p>
      {kept.isError ? (
        <Failure error={kept.error} onRetry={() => void kept.refetch()} />
      ) : kept.isPending || waiting ? (
        <Skeleton height={240} />
      ) : newest?.result ? (
        // Another run, or other lines that were saved, begin anew with what is in force.
        <Draw key={`${newest.id} ${JSON.stringify(kept.data)}`} result={newest.result} kept={kept.data} run={newest} />
      ) : (
        <p className={settings.none}>{say('matching.noRun')}</p>
      )}
    </section>
  )
}

const precisions = [0.99, 0.999, 0.9999]

function Draw({
  result,
  kept,
  run,
}: {
  result: NonNullable<Run['result']>
  kept: Output<typeof readMatchingSettings>
  run: Run
}) {
  const say = useText()
  const formats = useFormats()
  const mayChange = useMay('settings.change')
  const inForce: BandLines = {
    joinFrom: kept.joinFrom ?? result.bands.joinFrom,
    reviewFrom: Math.min(kept.reviewFrom ?? result.bands.reviewFrom, kept.joinFrom ?? result.bands.joinFrom),
  }
  const [lines, setLines] = useState(inForce)
  const saving = useAct(changeMatchingSettings, { changes: [keyOf(readMatchingSettings)] })
  const byHand = kept.joinFrom !== null || kept.reviewFrom !== null
  const changed = lines.joinFrom !== inForce.joinFrom || lines.reviewFrom !== inForce.reviewFrom
  const effect = effectOf(result.histogram, lines, inForce)
  const before = effectOf(result.histogram, inForce, inForce)
  const whole = (value: number) => formats.number(Math.round(value))
  const about = (value: number) => (value > 0 && value < 0.5 ? say('matching.lessThanOne') : whole(value))
  const sums = [
    {
      key: 'joined',
      tone: css.joined,
      value: effect.joined,
      was: before.joined,
      note: say('matching.wrong', { n: about(effect.wrong) }),
    },
    { key: 'asked', tone: css.asked, value: effect.asked, was: before.asked, note: say('matching.askedNote') },
    {
      key: 'apart',
      tone: css.apart,
      value: effect.apart,
      was: before.apart,
      note: say('matching.missed', { n: about(effect.missed) }),
    },
  ] as const
  return (
    <>
      <p className={css.of}>
        {say('matching.ofRun', {
          at: formats.dateTime(run.finishedAt ?? run.createdAt),
          n: formats.number(result.records),
        })}
      </p>
      <Bands histogram={result.histogram} lines={lines} onChange={mayChange ? setLines : null} />
      <dl className={css.sums} aria-live="polite">
        {sums.map(({ key, tone, value, was, note }) => (
          <div key={key}>
            <dt>
              <i className={tone} />
              {say(`band.${key}`)}
            </dt>
            <dd>
              {formats.number(value)}
              {value !== was && <small>{say('matching.was', { n: formats.number(was) })}</small>}
            </dd>
            <dd>{note}</dd>
          </div>
        ))}
      </dl>
      <p className={css.state}>
        {changed
          ? say('matching.moves', { count: effect.moved })
          : byHand
            ? say('matching.byHand', { join: tenths(lines.joinFrom), review: tenths(lines.reviewFrom) })
            : say('matching.byRun', { join: tenths(lines.joinFrom), review: tenths(lines.reviewFrom) })}
      </p>
      {mayChange && (
        <div className={css.acts}>
          <Button
            type="primary"
            disabled={!changed}
            loading={saving.isPending && saving.variables.joinFrom !== null}
            onClick={() => saving.mutate(lines)}
          >
            {changed ? say('matching.save', { count: effect.moved }) : say('matching.saveNothing')}
          </Button>
          {changed && <Button onClick={() => setLines(inForce)}>{say('matching.drop')}</Button>}
          {byHand && !changed && (
            <Button
              loading={saving.isPending && saving.variables.joinFrom === null}
              onClick={() => saving.mutate({ joinFrom: null, reviewFrom: null })}
            >
              {say('matching.leaveToRun')}
            </Button>
          )}
          {!byHand && !changed && (
            <span className={css.precision}>
              {say('matching.precision')}
              <Select
                value={kept.precision}
                aria-label={say('matching.precision')}
                options={[...new Set([...precisions, kept.precision])].sort().map((value) => ({
                  value,
                  label: say('matching.oneIn', { n: formats.number(Math.round(1 / (1 - value))) }),
                }))}
                onChange={(precision) => saving.mutate({ precision })}
              />
            </span>
          )}
        </div>
      )}
      <p className={settings.why}>{say('matching.when')}</p>
      <ProblemNote error={saving.error} />
    </>
  )

  function tenths(bits: number): string {
    return formats.number(Math.round(bits * 10) / 10)
  }
}

function Runs({ runs }: { runs: readonly Run[] | null }) {
  const say = useText()
  const mayRun = useMay('operations.run')
  const beginning = useAct(addMatchingRun, { changes: [keyOf(listMatchingRuns)] })
  const going = runs?.some(({ state }) => state === 'running') ?? false
  const begin = (dryRun: boolean) => beginning.mutate({ id: newId(), dryRun })
  return (
    <section className={settings.wide} aria-labelledby="matching-runs">
      <div className={settings.title}>
        <h2 id="matching-runs">{say('matching.runs')}</h2>
        {mayRun && (
          <span className={css.begin}>
            <Button
              disabled={going}
              loading={beginning.isPending && beginning.variables.dryRun === true}
              onClick={() => begin(true)}
            >
              {say('matching.tryRun')}
            </Button>
            <Button
              type="primary"
              disabled={going}
              loading={beginning.isPending && beginning.variables.dryRun !== true}
              onClick={() => begin(false)}
            >
              {say('matching.run')}
            </Button>
          </span>
        )}
      </div>
      <p className={settings.why}>{say('matching.runsWhy')}</p>
      <ProblemNote error={beginning.error} />
      {runs === null ? (
        <Skeleton width="80%" />
      ) : runs.length === 0 ? (
        <p className={settings.none}>{say('matching.noRuns')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        <section className={settings.scroll} aria-label={say('matching.runs')} tabIndex={0}>
          <table className={css.runs}>
            <thead>
              <tr>
                <th scope="col">{say('matching.begun')}</th>
                {(['records', 'pairs', 'joins', 'reviews', 'answers', 'seconds'] as const).map((name) => (
                  <th key={name} scope="col" className={css.number}>
                    {say(`runColumn.${name}`)}
                  </th>
                ))}
                <th scope="col">
                  <span className="spoken">{say('matching.state')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <LinkButton to="/members/reviews" size="small">
        {say('matching.toReviews')}
      </LinkButton>
    </section>
  )
}

function RunRow({ run }: { run: Run }) {
  const say = useText()
  const formats = useFormats()
  const { result, progress, state, error, dryRun } = run
  return (
    <tr>
      <th scope="row">{formats.dateTime(run.createdAt)}</th>
      {result ? (
        <>
          {[result.records, result.pairs, result.joins, result.reviews, result.answers].map((number, at) => (
            // Columns don't move.
            // biome-ignore lint/suspicious/noArrayIndexKey: their order is their meaning
            <td key={at} className={css.number}>
              {formats.number(number)}
            </td>
          ))}
          <td className={css.number}>{formats.number(Math.round(result.seconds.total * 10) / 10)}</td>
        </>
      ) : (
        <td colSpan={6}>
          {state === 'running' ? (
            <span className={css.going}>
              {progress ? say(`matchingStep.${progress.step}`) : say('matching.starting')}
              <ProgressBar done={progress?.done ?? 0} of={progress?.of ?? 0} label={say('matching.state')} />
            </span>
          ) : (
            error && (say.code('refusal', error.code) ?? error.message)
          )}
        </td>
      )}
      <td>
        <Chip tone={state === 'failed' ? 'red' : state === 'running' ? 'accent' : dryRun ? 'grey' : 'green'}>
          {say(state === 'done' && dryRun ? 'runState.tried' : `runState.${state}`)}
        </Chip>
      </td>
    </tr>
  )
}
