/** `roundtrip match`: weighs all records against each other, or says why two are one person. */
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import {
  addMatchingRun,
  changeMatchingSettings,
  explainMatch,
  type MatchingRun,
  readMatchingRun,
} from '#modules/matching/contract'
import { Refusal } from '#platform/errors'
import { type Command, printResult, progressLine, text, UsageError } from './command.ts'
import { connect, type Program, withProgram } from './commands.ts'
import { catchUp } from './contract.ts'

const many = (count: number) => count.toLocaleString('en')

export const matchCommands: readonly Command[] = [
  {
    name: 'match',
    usage: 'match [--all] [--dry-run] [--join-from BITS] [--review-from BITS] [--json] | match --explain A B [--json]',
    about: 'Find records of one person by weighed evidence: join who is sure, put before staff who may be',
    details: `  --all             compare all with all; without it what came or changed since the last run, with all
  --dry-run         count and compare; nobody is joined
  --join-from BITS  from so much evidence on records are joined; "auto" lets each run choose by its expected errors
  --review-from BITS  from so much on they are put before staff
  --explain A B     say why two members or records are one person, may be, or are not
Evidence is counted in bits: each doubles the odds, 10 are a thousand to one. Killed in the middle, the same command goes on.`,
    options: {
      all: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      explain: { type: 'boolean' },
      'join-from': { type: 'string' },
      'review-from': { type: 'string' },
    },
    arguments: [0, 2],
    run: async (config, given) => {
      const { words, options } = given
      if ((words.length === 2) !== (options.explain === true))
        throw new UsageError('--explain wants two members: roundtrip match --explain A B')
      if (options.explain) {
        const [a, b] = words as [string, string]
        await withProgram(config, given, (program) => program.call(explainMatch, { a, b }), explained)
        return 0
      }
      const bands = {
        ...bandOf('joinFrom', text(options['join-from'])),
        ...bandOf('reviewFrom', text(options['review-from'])),
      }
      const program = await connect(config)
      const progress = progressLine()
      try {
        if (Object.keys(bands).length > 0) await program.call(changeMatchingSettings, bands)
        const run = await followed(
          program,
          { dryRun: options['dry-run'] === true, all: options.all === true },
          progress.show,
        ).finally(progress.done)
        const { result } = run
        if (!result) throw new Refusal('conflict', run.error!.code, {}, run.error!.message)
        if (!run.dryRun) await program.call(catchUp, {})
        printResult(given, { runId: run.id, dryRun: run.dryRun, ...result }, (all) => [
          ...(all.dryRun ? ['Nobody was joined (dry run).'] : []),
          `${many(all.records)} records${all.fresh === undefined || all.fresh === all.records ? '' : `, ${many(all.fresh)} of them new or changed`}, ${many(all.pairs)} pairs compared in ${all.seconds.total.toFixed(1)} s.`,
          `${many(all.joins)} joins from ${all.bands.joinFrom} bits on (${all.expectedWrong} of them wrong by what is expected), ${many(all.reviews)} pairs wait for somebody to decide.`,
          `${many(all.membersBefore)} members before, ${many(all.membersAfter)} ${all.dryRun ? 'if they were joined' : 'now'}.`,
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
]

function bandOf(
  name: 'joinFrom' | 'reviewFrom',
  said: string | undefined,
): Partial<Record<typeof name, number | null>> {
  if (said === undefined) return {}
  const bits = said === 'auto' ? null : Number(said)
  if (bits !== null && !Number.isFinite(bits)) throw new UsageError('Evidence is a number of bits, or "auto"')
  return { [name]: bits }
}

async function followed(
  program: Program,
  wanted: { dryRun: boolean; all: boolean },
  show: (text: string) => void,
): Promise<MatchingRun> {
  const { id } = await program.call(addMatchingRun, { id: randomUUID(), ...wanted })
  for (let pause = 20; ; pause = Math.min(500, pause * 1.5)) {
    const run = await program.call(readMatchingRun, { runId: id })
    if (run.state !== 'running') return run
    if (run.progress) show(`${run.progress.step} ${many(run.progress.done)} / ${many(run.progress.of)}`)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

const fieldWords: Record<string, string> = {
  family: 'family name',
  given: 'given name',
  birth: 'birth date',
  document: 'document',
  phone: 'phone',
  email: 'e-mail',
  number: 'house number',
  street: 'street',
  place: 'suburb or city / postcode / region',
  gender: 'gender',
  companion: 'who they travel with',
  household: 'may be another of the household',
  start: 'any two records, before anything is known',
}
const levelWords: Record<string, string> = {
  crossed: 'family and given name the other way round',
  crossed_close: 'family and given name the other way round, nearly',
  sounds: 'sounds the same, other characters',
  two_digits: 'two digits differ',
  two_parts: 'two of year, month and day',
  one_digit: 'one digit differs',
  swapped: 'day and month exchanged',
  one_edit: 'one sign differs',
  two_edits: 'two signs differ',
  last_eight: 'the last eight digits',
  former: 'a number that one of them had before',
  shared: 'the same',
  local: 'the same before the @',
}
const becauseWords: Record<string, string> = {
  staff: 'Staff keep them apart.',
  contradiction: 'Another identity card or another UnionID: they are two people.',
  too_little: 'Too few kinds of facts agree for a join without asking.',
}

type Explained = z.output<typeof explainMatch.output>

function explained(said: Explained): string[] {
  const verdicts = {
    join: 'The evidence makes them one person',
    review: 'They may be one person; somebody has to decide',
    apart: 'They are not one person by the evidence',
  }
  return [
    said.together ? 'They are one person now.' : 'They are two members now.',
    ...(said.score === null || said.chance === null
      ? ['There are no two records to compare.']
      : [
          `${verdicts[said.verdict]}: ${said.score} bits, a chance of ${(said.chance * 100).toFixed(2)} % (joined from ${said.bands.joinFrom.toFixed(1)}, asked from ${said.bands.reviewFrom.toFixed(1)}).`,
        ]),
    ...(said.because ? [becauseWords[said.because]!] : []),
    ...said.parts.map(
      ({ field, level, bits }) =>
        `  ${bits > 0 ? '+' : ''}${bits.toFixed(1).padStart(bits > 0 ? 5 : 6)}  ${fieldWords[field] ?? field}${['possible', 'any_two'].includes(level) ? '' : `: ${levelWords[level] ?? level}`}`,
    ),
  ]
}
