/** `roundtrip dictionary`: what the fields may say, listed and put as JSON, and written into the data. */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { fieldDefinition, putField, readDictionary } from '#modules/dictionary/contract'
import { applyDictionary, type MendingView, readMending } from '#modules/quality/contract'
import { Refusal } from '#platform/errors'
import { type Command, printResult, progressLine, text } from './command.ts'
import { connect, withProgram } from './commands.ts'

/** As `dictionary list --json` prints it; what else stands there is for reading. */
const dictionaryFile = z.object({
  fields: z.array(fieldDefinition.extend({ field: z.string(), company: z.string().nullable().default(null) })),
})

const eachMilliseconds = 300

export const dictionaryCommands: readonly Command[] = [
  {
    name: 'dictionary list',
    usage: 'dictionary list [--json]',
    about: 'List the fields of the data dictionary with their values and spellings',
    run: async (config, given) => {
      await withProgram(
        config,
        given,
        (program) => program.call(readDictionary, {}),
        ({ fields }) =>
          fields.flatMap(({ field, company, kind, closed, values }) => [
            [field, ...(company ? [`(${company})`] : []), kind, ...(closed ? ['only what is listed'] : [])].join('  '),
            ...values.map(({ code, names, spellings }) => {
              const called = [...new Set(Object.values(names).filter((name) => name !== null && name !== code))]
              return `  ${[code, called.join(' / '), spellings.join(', ')].filter(Boolean).join('  ')}`
            }),
          ]),
      )
      return 0
    },
  },
  {
    name: 'dictionary put',
    usage: 'dictionary put FILE [--json]',
    about: 'Put fields into the data dictionary from JSON, as `dictionary list --json` prints it',
    details:
      'Each field of the file is put as a whole; fields that are not in it stay. What stands in records is not touched.',
    arguments: [1, 1],
    run: async (config, given) => {
      const { fields } = await read(given.words[0]!)
      await withProgram(
        config,
        given,
        async (program) => {
          const put: { field: string; company: string | null; values: number; version: number }[] = []
          for (const one of fields) {
            const { field, company, values, version } = await program.call(putField, { ...one, version: null })
            put.push({ field, company, values: values.length, version })
          }
          return { fields: put }
        },
        (result) => result.fields.map(({ field, values }) => `${field}: ${values} values.`),
      )
      return 0
    },
  },
  {
    name: 'dictionary apply',
    usage: 'dictionary apply FIELD [--company CODE] [--json]',
    about: 'Write the words of the dictionary in place of their spellings in what is there',
    details: 'What stood there stays as an older version. Killed in the middle, the next start of the program goes on.',
    options: { company: { type: 'string' } },
    arguments: [1, 1],
    run: async (config, given) => {
      const program = await connect(config)
      const progress = progressLine()
      try {
        const begun = await program.call(applyDictionary, {
          field: given.words[0]!,
          company: text(given.options.company) ?? null,
          id: randomUUID(),
        })
        let now: MendingView = begun
        while (now.state === 'running') {
          progress.show(`${now.looked} of about ${now.total} looked at, ${now.changed} changed`)
          await wait(eachMilliseconds)
          now = await program.call(readMending, { mendingId: begun.id })
        }
        progress.done()
        printResult(given, now, ({ looked, changed }) => [`${looked} looked at, ${changed} changed.`])
        return 0
      } finally {
        await program.close()
      }
    },
  },
]

async function read(file: string): Promise<z.output<typeof dictionaryFile>> {
  const content = await readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw unreadable(file, `it can't be read (${code})`)
  })
  try {
    return dictionaryFile.parse(JSON.parse(content))
  } catch (error) {
    if (error instanceof z.ZodError) {
      const [issue] = error.issues
      throw unreadable(file, `${issue!.path.join('.')}: ${issue!.message}`)
    }
    throw unreadable(file, 'it is no JSON')
  }
}

const unreadable = (name: string, why: string) =>
  new Refusal('invalid', 'cli.dictionary_unreadable', { name }, `The file ${name} holds no dictionary: ${why}.`)
