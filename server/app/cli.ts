/** The command line. Exit codes: 0 done, 1 refused or failed, 2 the command itself is wrong, 3 `verify` found something broken. */
import { parseArgs } from 'node:util'
import { channelKinds } from '#modules/channels/contract'
import { listImports } from '#modules/imports/contract'
import { listRecords } from '#modules/members/contract'
import { readConfig } from '#platform/config'
import { Refusal } from '#platform/errors'
import { accessCommands } from './access-command.ts'
import { backupCommands } from './backup-command.ts'
import { type Command, print, progressLine, text, UsageError } from './command.ts'
import { connect, withProgram } from './commands.ts'
import { listReactions, rebuildWarehouseRoute, runParked, verifyBooks } from './contract.ts'
import { demoCommands } from './demo-command.ts'
import { dictionaryCommands } from './dictionary-command.ts'
import { exportCommands } from './export-command.ts'
import { importFile, undoImport } from './import-command.ts'
import { start } from './main.ts'
import { matchCommands } from './match-command.ts'
import { organisationCommands } from './organisation-command.ts'
import { seed } from './seed.ts'
import { vaultCommands } from './vault-command.ts'
import { version } from './version.ts'

/** Instead of an exit code: the program goes on until it is stopped. */
const goesOn = -1

const counted = (count: number, noun: string) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
const tell = (text: string) => process.stderr.write(`${text}\n`)

const oneOf = <T extends string>(name: string, value: string | boolean | undefined, allowed: readonly T[]): T => {
  if (!allowed.includes(value as T)) throw new UsageError(`--${name} should be one of ${allowed.join(', ')}`)
  return value as T
}
const commands: Command[] = [
  {
    name: 'start',
    usage: 'start',
    about: 'Serve console, API and everything else on PORT (default 3000)',
    run: async (config) => {
      await start(config)
      return goesOn
    },
  },
  {
    name: 'import undo',
    usage: 'import undo ID [--json]',
    about: 'Take a whole import back',
    arguments: [1, 1],
    run: async (config, given) => {
      const progress = progressLine()
      await withProgram(
        config,
        given,
        (program) => undoImport(program, given.words[0]!, progress.show).finally(progress.done),
        (result) => [
          `Undone: ${counted(result.recordsWithdrawn, 'record')} withdrawn, ${result.recordsRestored} put back as before, ${counted(result.ordersWithdrawn, 'order')} withdrawn, ${result.ordersRestored} put back as before.`,
          ...(result.recordsKept > 0
            ? [`${counted(result.recordsKept, 'record')} stay: another import told the same, or orders hang on them.`]
            : []),
        ],
      )
      return 0
    },
  },
  {
    name: 'import',
    usage:
      'import FILE --channel CODE --as members|orders [--create KIND] [--map MAP.json] [--live] [--dry-run] [--no-wait] [--json]',
    about: 'Bring a spreadsheet (CSV, XLSX) into the member pool',
    details: `  --channel CODE   the channel that the file comes from
  --create KIND    open the channel, also in a dry run, if there is none of this code: ${channelKinds.join(', ')}
  --as             what a row is: members or orders
  --map MAP.json   {"column": "field"}; columns by header or by position ("1", "2" …), null leaves one out;
                   without it the mapping is remembered from the channel's last such file, or guessed
                   fields of members: externalId name familyName givenName phone email birthDate gender documentType
                   documentNumber addressLine addressLine2 streetNumber suburb city region postcode country unionid openid@ACCOUNT tags note custom.KEY
                   openingPoints openingPointsExpireAt consent.PURPOSE@CHANNEL (e.g. consent.marketing@sms) consentedAt
                   fields of orders: orderNumber customerExternalId phone orderedAt amount currency quantity product
                   paymentMethod status
  --live           the rows happened now: they earn points and fire other reactions; old data does not
  --dry-run        clean and compare; no member and no order is written
  --no-wait        don't wait for reactions (points, warehouse) to catch up
Killed or cancelled in the middle, the same command goes on where it stopped.`,
    options: {
      channel: { type: 'string' },
      create: { type: 'string' },
      as: { type: 'string' },
      map: { type: 'string' },
      live: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      'no-wait': { type: 'boolean' },
    },
    arguments: [1, 1],
    run: async (config, given) => {
      const { options } = given
      const channel = text(options.channel)
      if (!channel) throw new UsageError('--channel is missing: the code of the channel that the file comes from')
      const create = options.create === undefined ? undefined : oneOf('create', options.create, channelKinds)
      const map = text(options.map)
      const progress = progressLine()
      await withProgram(
        config,
        given,
        (program) =>
          importFile(program, config, {
            file: given.words[0]!,
            channel,
            ...(create ? { create } : {}),
            as: oneOf('as', options.as, ['members', 'orders'] as const),
            ...(map ? { map } : {}),
            dryRun: options['dry-run'] === true,
            wait: options['no-wait'] !== true,
            live: options.live === true,
            onProgress: progress.show,
          }).finally(progress.done),
        (result) => [
          ...(result.dryRun ? ['No member and no order was written (dry run).'] : []),
          `${result.rows} rows: ${result.created} created, ${result.updated} updated, ${result.unchanged} unchanged, ${result.rejected} rejected.`,
          ...(result.members === null
            ? []
            : [`They belong to ${result.members} members; ${result.joined} records were joined with others.`]),
          ...Object.entries(result.mapping).map(([column, field]) => `  ${column} → ${field ?? 'left out'}`),
          ...result.problems.map(
            ({ field, code, count }) => `  ${field}: ${code} × ${count} (left out, the row came in)`,
          ),
          ...(result.openingPoints
            ? [
                `Opening balances: ${result.openingPoints.inFile} points in the file, ${result.openingPoints.inLedger} of them in the ledger${result.openingPoints.inFile === result.openingPoints.inLedger ? ': proven' : ': THEY DIFFER, some rows give a balance to a record twice or change one given before'}.`,
              ]
            : []),
          ...(result.errorFile ? [`Rejected rows with their reasons: ${result.errorFile}`] : []),
          ...(result.dryRun ? [] : [`Undo it as a whole with: bin/roundtrip import undo ${result.importId}`]),
        ],
      )
      return 0
    },
  },
  {
    name: 'imports',
    usage: 'imports [--json]',
    about: 'List imports, newest first',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(listImports, {}),
        ({ imports }) =>
          imports.map(
            ({ id, state, fileName, channel, counts, createdAt }) =>
              `${id}  ${state.padEnd(9)} ${createdAt.slice(0, 16)}  ${channel.code}  ${fileName}  ${counts ? `${counts.rows} rows` : ''}`,
          ),
      )
      return 0
    },
  },
  {
    name: 'records',
    usage: 'records [--json]',
    about: 'List source records with the present member of each, a line each',
    run: async (config, given) => {
      const program = await connect(config)
      try {
        for (let after: string | undefined; ; ) {
          const { records, next } = await program.call(listRecords, { limit: 5000, ...(after ? { after } : {}) })
          const lines = records.map((record) =>
            given.json ? JSON.stringify(record) : `${record.channel}\t${record.externalId ?? ''}\t${record.memberId}`,
          )
          // Waits for whoever reads the pipe; a hundred million lines don't fit in memory.
          if (lines.length > 0 && !process.stdout.write(`${lines.join('\n')}\n`))
            await new Promise((resolve) => process.stdout.once('drain', resolve))
          if (next === null) return 0
          after = next
        }
      } finally {
        await program.close()
      }
    },
  },
  ...matchCommands,
  ...exportCommands,
  {
    name: 'verify',
    usage: 'verify [--json]',
    about: 'Check every invariant of the books; exits with 3 if one is broken',
    run: async (config, given) => {
      const { ok } = await withProgram(
        config,
        given,
        (program) => program.call(verifyBooks, {}),
        (result) =>
          result.ok
            ? ['The books are in order.']
            : result.broken.map(
                ({ invariant, detail, ids }) => `BROKEN ${invariant}: ${detail} ${ids.slice(0, 20).join(' ')}`,
              ),
      )
      return ok ? 0 : 3
    },
  },
  {
    name: 'warehouse rebuild',
    usage: 'warehouse rebuild [--json]',
    about: 'Throw the warehouse away and build it again from PostgreSQL',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(rebuildWarehouseRoute, {}),
        ({ events, homes, seconds }) => [
          `Rebuilt: ${events} events, ${homes} rows of facts in ${seconds.toFixed(1)} s.`,
        ],
      )
      return 0
    },
  },
  ...organisationCommands,
  ...dictionaryCommands,
  ...backupCommands,
  ...accessCommands,
  {
    name: 'parked run',
    usage: 'parked run REACTION [--json]',
    about: 'Try the events again that a reaction could not digest',
    arguments: [1, 1],
    run: async (config, given) => {
      const { left } = await withProgram(
        config,
        given,
        (program) => program.call(runParked, { reaction: given.words[0]! }),
        (result) => [`${result.left} events are still parked.`],
      )
      return left === 0 ? 0 : 1
    },
  },
  {
    name: 'parked',
    usage: 'parked [--json]',
    about: 'Show reactions, how far behind they are, and events that they could not digest',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(listReactions, {}),
        ({ reactions, parked }) => [
          ...reactions.map(
            ({ reaction, lagMilliseconds, parked: count }) =>
              `${reaction}: ${lagMilliseconds} ms behind, ${count} parked`,
          ),
          ...parked.map(
            ({ reaction, type, memberId, error }) =>
              `  ${reaction} ${type} ${memberId ?? ''} ${error ?? 'waits behind an earlier one'}`,
          ),
        ],
      )
      return 0
    },
  },
  ...demoCommands,
  ...vaultCommands,
  {
    name: 'seed',
    usage: 'seed FOLDER [--people N] [--json]',
    about: 'Write two spreadsheets of invented people to try the program on: half of each are the same people',
    options: { people: { type: 'string' } },
    arguments: [1, 1],
    run: async (_config, given) => {
      const people = Number(given.options.people ?? 1000)
      if (!Number.isInteger(people) || people < 2 || people > 5_000_000)
        throw new UsageError('--people should be a number between 2 and 5000000')
      const result = await seed(given.words[0]!, people)
      print(
        given.json ? JSON.stringify(result) : `${result.files.join('\n')}\n${result.members} different people in all.`,
      )
      return 0
    },
  },
]

function help(): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2
  return [
    'Usage: roundtrip COMMAND [--help]',
    '',
    ...commands.map(({ name, about }) => `  ${name.padEnd(width)}${about}`),
    '',
    'Commands speak to the running program of the data folder (ROUNDTRIP_DATA), or start the engines for as long as they need them.',
    'With --json a command prints exactly one JSON document; lists print a line each.',
  ].join('\n')
}

async function main(words: string[]): Promise<number> {
  const [first] = words
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    print(help())
    return first === undefined ? 2 : 0
  }
  if (first === '--version') {
    print(version)
    return 0
  }
  const command = commands.find(({ name }) => name.split(' ').every((part, index) => words[index] === part))
  if (!command) throw new UsageError(`There is no command ${words.slice(0, 2).join(' ')}. See roundtrip --help.`)
  const parsed = (() => {
    try {
      return parseArgs({
        args: words.slice(command.name.split(' ').length),
        options: { ...command.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
        allowPositionals: true,
        strict: true,
      })
    } catch (error) {
      throw new UsageError(`${(error as Error).message.split('\n')[0]}\nUsage: roundtrip ${command.usage}`)
    }
  })()
  const { json, help: wanted, ...options } = parsed.values
  if (wanted) {
    print(
      [`Usage: roundtrip ${command.usage}`, command.about, ...(command.details ? [command.details] : [])].join('\n'),
    )
    return 0
  }
  const [least, most] = command.arguments ?? [0, 0]
  if (parsed.positionals.length < least || parsed.positionals.length > most)
    throw new UsageError(`Usage: roundtrip ${command.usage}`)
  return command.run(readConfig(), { words: parsed.positionals, options, json: json === true })
}

// Whoever reads a list may have seen enough (`roundtrip records | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const words = process.argv.slice(2)
try {
  const code = await main(words)
  if (code !== goesOn) process.exitCode = code
} catch (error) {
  const usage = error instanceof UsageError
  const known = usage || error instanceof Refusal
  const message = known
    ? (error as Error).message
    : `Something went wrong that should not have: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  if (words.includes('--json')) {
    print(
      JSON.stringify({
        error: {
          code: error instanceof Refusal ? error.code : usage ? 'usage' : 'program.bug',
          params: error instanceof Refusal ? error.params : {},
          message: message.split('\n')[0],
        },
      }),
    )
  }
  tell(message)
  process.exit(usage ? 2 : 1)
}
