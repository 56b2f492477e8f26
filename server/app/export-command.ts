/** `roundtrip export`: members, their orders or their points records into a file, as staff do it in the console. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  addExport,
  type ExportView,
  exportAsked,
  exportFile,
  exportFormats,
  exportKinds,
  readExport,
  traceExport,
} from '#modules/exports/contract'
import { Refusal } from '#platform/errors'
import { type Command, type Given, printResult, progressLine, text, UsageError } from './command.ts'
import { connect, type Program, withProgram } from './commands.ts'

const many = (count: number) => count.toLocaleString('en')

export const exportCommands: readonly Command[] = [
  {
    name: 'export trace',
    usage: 'export trace MARK [--json]',
    about: 'Say which export a row is from, by what stands in its column _export',
    arguments: [1, 1],
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(traceExport, { trace: given.words[0]! }),
        (one) => [
          `Export ${one.id} of ${one.kind}, asked for by ${one.askedBy.name ?? one.askedBy.actor} at ${one.askedAt}: ${one.reason}`,
        ],
      )
      return 0
    },
  },
  {
    name: 'export',
    usage: `export ${exportKinds.join('|')} FILE --reason TEXT [--search TEXT] [--channel CODE] [--show FILTER] [--columns A,B] [--from DAY] [--until DAY] [--clear] [--json]`,
    about: 'Take members, their orders or their points records out into a file (.xlsx or .csv)',
    details: `  --reason TEXT     why; it stands in the file and in the audit log
  --search, --channel, --show   only these members, as the list filters them
  --columns A,B     of members: the columns beside the name
  --from, --until   of orders and points: the first and the last day
  --clear           phones, e-mail and documents in full; each person is noted as looked at
Where the group wants an approval, the command says so and ends; take the file from the console when it is ready.`,
    options: {
      reason: { type: 'string' },
      search: { type: 'string' },
      channel: { type: 'string' },
      show: { type: 'string' },
      columns: { type: 'string' },
      from: { type: 'string' },
      until: { type: 'string' },
      clear: { type: 'boolean' },
    },
    arguments: [2, 2],
    run: async (config, given) => {
      const { reason, clear, ...options } = given.options
      const [kind, file] = given.words as [string, string]
      const wanted = exportKinds.find((one) => one === kind)
      const format = exportFormats.find((one) => file.toLowerCase().endsWith(`.${one}`))
      if (!wanted) throw new UsageError(`What to export is one of ${exportKinds.join(', ')}`)
      if (!format) throw new UsageError('The file ends in .xlsx or .csv')
      if (!text(reason)) throw new UsageError('Say why: --reason TEXT')
      const asked = askedOf(options)
      const program = await connect(config)
      const progress = progressLine()
      try {
        const id = randomUUID()
        await program.call(addExport, { id, kind: wanted, format, reason: text(reason)!, clear: clear === true, asked })
        const made = await followed(program, id, progress.show).finally(progress.done)
        if (made.state === 'ready')
          await pipeline(
            await program.stream(exportFile, { exportId: id }),
            createWriteStream(resolve(file), { mode: 0o600, flags: 'wx' }),
          )
        printResult(given, { ...made, file: resolve(file) }, () => [
          made.state === 'ready'
            ? `${many(made.rows ?? 0)} rows in ${resolve(file)}, marked ${made.trace}.`
            : `${many(made.rows ?? 0)} rows wait for an approval; take the file from the console when it is ready.`,
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
]

function askedOf({ columns, json: _json, ...options }: Given['options']) {
  const said = Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value === 'string'))
  const { data, error } = exportAsked.safeParse({
    ...said,
    ...(text(columns) && { columns: text(columns)!.split(',') }),
  })
  if (error)
    throw new UsageError(error.issues.map(({ path, message }) => `--${path[0] as string}: ${message}`).join('; '))
  return data
}

async function followed(program: Program, id: string, show: (text: string) => void): Promise<ExportView> {
  for (let pause = 50; ; pause = Math.min(500, pause * 1.5)) {
    const one = await program.call(readExport, { exportId: id })
    if (one.state === 'ready' || one.state === 'waiting') return one
    if (one.state !== 'counting' && one.state !== 'making')
      throw new Refusal('conflict', one.error ?? 'exports.cancelled', {}, `The export ended: ${one.error ?? one.state}`)
    show(one.rows === null ? 'counting' : `writing ${many(one.rows)} rows`)
    await new Promise((later) => setTimeout(later, pause))
  }
}
