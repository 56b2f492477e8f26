/** `roundtrip demo clear`: says what it would remove, asks, and removes it. */
import { createInterface } from 'node:readline/promises'
import { Refusal } from '#platform/errors'
import { type Command, printResult } from './command.ts'
import { connect, type Program } from './commands.ts'
import { clearDemonstration, readDemonstration } from './demonstration/contract.ts'
import { noDemonstration } from './demonstration/errors.ts'

export const demoCommands: readonly Command[] = [
  {
    name: 'demo clear',
    usage: 'demo clear [--yes] [--everything] [--json]',
    about: 'Take the demonstration group away and leave the program empty',
    details: `  --yes         don't ask
  --everything  also members and orders that were added by hand or registered themselves
Own rules, API keys and channels stay. Where imports of your own stand it refuses and removes nothing.`,
    options: { yes: { type: 'boolean' }, everything: { type: 'boolean' } },
    run: async (config, given) => {
      const program = await connect(config)
      try {
        const removed = await clear(program, {
          yes: given.options.yes === true,
          everything: given.options.everything === true,
          ask: given.json || !process.stdin.isTTY ? null : askOnTerminal,
        })
        printResult(given, removed, (result) => [
          result
            ? `Removed: ${many(result.members)} members in ${many(result.records)} records, ${many(result.orders)} orders, ${result.channels} channels. The program is empty.`
            : 'Nothing was removed.',
        ])
        return removed ? 0 : 1
      } finally {
        await program.close()
      }
    },
  },
]

const many = (count: number) => count.toLocaleString('en')

/** Null when whoever was asked said no. `ask` is null where nobody is there to be asked. */
async function clear(
  program: Program,
  { yes, everything, ask }: { yes: boolean; everything: boolean; ask: ((question: string) => Promise<string>) | null },
) {
  const { state, members, records, orders, stores } = await program.call(readDemonstration, {})
  if (state === 'none') throw noDemonstration()
  if (!yes) {
    if (!ask) throw nobodyToAsk()
    const answer = await ask(
      `This removes the demonstration group: ${many(members)} members in ${many(records)} records, ${many(orders)} orders, ${stores} stores, and all points, events and notes about them.\nType yes to go on: `,
    )
    if (answer.trim().toLowerCase() !== 'yes') return null
  }
  return program.call(clearDemonstration, { everything })
}

async function askOnTerminal(question: string): Promise<string> {
  const asked = createInterface({ input: process.stdin, output: process.stderr })
  return asked.question(question).finally(() => asked.close())
}

const nobodyToAsk = () =>
  new Refusal(
    'invalid',
    'command.nobody_to_ask',
    {},
    'Nothing was removed: nobody is here to be asked. Add --yes to go on without asking.',
  )
