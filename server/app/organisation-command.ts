/** `roundtrip organisation`: the tree of companies and stores, listed, and put from a spreadsheet. */
import { createReadStream } from 'node:fs'
import { readTreeFile } from '#modules/imports/contract'
import { compareTree, putTree, readTree } from '#modules/organisation/contract'
import { Refusal } from '#platform/errors'
import { type Command, printResult } from './command.ts'
import { connect, type Program } from './commands.ts'

export const organisationCommands: readonly Command[] = [
  {
    name: 'organisation put',
    usage: 'organisation put FILE [--dry-run] [--json]',
    about: 'Put companies and stores from a spreadsheet (CSV, XLSX) into the tree, all of it or nothing',
    details: `  --dry-run  say what would change and write nothing
A row names a company, or a company and one of its stores. Columns are known by their headers, in Chinese, English or
Russian: company, company code, store, store code, city. Codes that the file lacks are made from the names. Who stands
in the tree already is known by code, else by name, and renamed or moved; nothing is removed.`,
    options: { 'dry-run': { type: 'boolean' } },
    arguments: [1, 1],
    run: async (config, given) => {
      const program = await connect(config)
      try {
        const result = await put(program, { file: given.words[0]!, dryRun: given.options['dry-run'] === true })
        printResult(given, result, ({ dryRun, created, updated, unchanged, rows }) => [
          ...rows
            .filter(({ outcome }) => outcome !== 'same')
            .map(({ kind, code, name, outcome, changed }) =>
              [
                `  ${outcome.padEnd(8)}${kind.padEnd(8)}${code}  ${name}`,
                ...(changed.length > 0 ? [changed.join(', ')] : []),
              ].join('  '),
            ),
          `${created} new, ${updated} changed, ${unchanged} as before${dryRun ? '. Nothing was written (dry run).' : '.'}`,
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
  {
    name: 'organisation list',
    usage: 'organisation list [--json]',
    about: 'List companies with their stores, and stores that belong to no company yet',
    run: async (config, given) => {
      const program = await connect(config)
      try {
        printResult(given, await program.call(readTree, {}), ({ companies, storesWithoutCompany }) => [
          ...companies.flatMap(({ code, name, stores }) => [
            `${code}  ${name}`,
            ...stores.map((store) => `  ${store.code}  ${store.name}  ${store.city}`),
          ]),
          ...(storesWithoutCompany.length > 0
            ? ['In no company:', ...storesWithoutCompany.map(({ code, name }) => `  ${code}  ${name}`)]
            : []),
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
]

async function put(program: Program, { file, dryRun }: { file: string; dryRun: boolean }) {
  const read = await program.send(readTreeFile, {}, await opened(file))
  const columns = Object.fromEntries(read.columns.map(({ name, field }) => [name, field]))
  if (read.rows.length === 0 && read.mistakes.length === 0) throw nothingToTell()
  const rows = read.rows.map(({ told }) => told)
  const compared = rows.length > 0 ? await program.call(compareTree, { rows }) : { differences: [], mistakes: [] }
  const mistakes = [
    ...read.mistakes,
    ...compared.mistakes.map((mistake) => ({ ...mistake, row: read.rows[mistake.row - 1]!.number })),
  ].sort((one, other) => one.row - other.row)
  if (mistakes.length > 0)
    throw new Refusal(
      'invalid',
      'organisation.rows_wrong',
      { row: mistakes[0]!.row, field: mistakes[0]!.field, value: mistakes[0]!.value, mistakes },
      [
        `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'} in ${file}, nothing was written:`,
        ...mistakes.map(({ row, field, message }) => `  Row ${row}, ${field}: ${message}`),
      ].join('\n'),
    )
  const count = (wanted: string) => compared.differences.filter(({ outcome }) => outcome === wanted).length
  const counts = { created: count('new'), updated: count('changed'), unchanged: count('same') }
  if (!dryRun) await program.call(putTree, { rows })
  return {
    dryRun,
    columns,
    ...counts,
    rows: compared.differences.map(({ kind, code, outcome, changed }, index) => ({
      kind,
      code,
      name: rows[index]!.name,
      outcome,
      changed,
      codeMade: read.rows[index]!.made,
    })),
  }
}

async function opened(file: string) {
  const content = createReadStream(file)
  await new Promise<void>((resolve, reject) => {
    content.once('ready', resolve)
    content.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new Refusal(
          'invalid',
          'file.not_found',
          { name: file, reason: code },
          `The file ${file} can't be read (${code}). Check its path and rights.`,
        ),
      ),
    )
  })
  return content
}

const nothingToTell = () =>
  new Refusal(
    'invalid',
    'organisation.no_columns',
    {},
    'No column says a company or a store. Head the columns, for example: company, store, store code, city.',
  )
