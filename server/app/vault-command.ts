/** `roundtrip vault rotate` and `vault reindex` change keys; `roundtrip vault` says how far that has come. */
import type { z } from 'zod'
import { type Command, printResult } from './command.ts'
import { connect } from './commands.ts'
import { readRotation, reindexVault, rotateVault } from './contract.ts'

export const vaultCommands: readonly Command[] = [
  {
    name: 'vault rotate',
    usage: 'vault rotate [--json]',
    about: 'Change the master key while the program serves',
    details: `Where the key is the file DATA/master.key, a new one takes its place at once. The former stays beside it as
master.key.former-…: backups made until now open by it only, so keep a copy of both where you keep your keys.
Where it comes from ROUNDTRIP_MASTER_KEY, set ROUNDTRIP_MASTER_KEY_NEXT to the new one and start the program again first;
when it is done, set ROUNDTRIP_MASTER_KEY to the new one and leave the other out.
Every member's key is then wrapped by the new one in the background; stopped in the middle, it goes on at the next start.`,
    run: async (config, given) => {
      const program = await connect(config)
      try {
        const { inFile } = await program.call(readRotation, {})
        const begun = await program.call(rotateVault, {})
        printResult(given, begun, () => [
          `The new master key opens everything from now on. About ${begun.homes.toLocaleString('en')} keys are being wrapped by it; see how far with: bin/roundtrip vault`,
          inFile
            ? 'It is in DATA/master.key, the former one in DATA/master.key.former-…: keep a copy of both in another place than your backups.'
            : 'When that is done, set ROUNDTRIP_MASTER_KEY to the new key and leave ROUNDTRIP_MASTER_KEY_NEXT out. Keep the former one for the backups made until now.',
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
  {
    name: 'vault reindex',
    usage: 'vault reindex [--json]',
    about: 'Change the key of the blind indexes while the program serves',
    details: `Phones, documents, e-mail addresses and the like are found by keyed hashes. They get a new key: at once for all that is
written from then on, and in the background for all that stands; meanwhile everybody is found. Nothing is opened for it.
Stopped in the middle, it goes on at the next start. The former key is destroyed when nothing is left under it, which
waits for imports that are read in and not applied: apply or cancel them.`,
    run: async (config, given) => {
      const program = await connect(config)
      try {
        printResult(given, await program.call(reindexVault, {}), ({ rows }) => [
          `The new key of the blind indexes is in force. About ${rows.toLocaleString('en')} keyed hashes are being moved to it; see how far with: bin/roundtrip vault`,
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
  {
    name: 'vault',
    usage: 'vault [--json]',
    about: 'How far the last changes of the master key and of the key of the blind indexes have come',
    run: async (config, given) => {
      const program = await connect(config)
      try {
        printResult(given, await program.call(readRotation, {}), ({ rotation, reindexing }) => [
          told(rotation),
          toldOfIndexes(reindexing),
        ])
        return 0
      } finally {
        await program.close()
      }
    },
  },
]

function told(rotation: z.output<typeof readRotation.output>['rotation']): string {
  if (!rotation) return 'The master key was never changed.'
  const { startedAt, finishedAt, rewrapped, homes } = rotation
  const began = startedAt.slice(0, 16)
  return finishedAt
    ? `Changed at ${began}, done at ${finishedAt.slice(0, 16)}: everything is wrapped by the new master key.`
    : `Begun at ${began}: ${rewrapped.toLocaleString('en')} keys wrapped by the new master key, of about ${homes.toLocaleString('en')}.`
}

function toldOfIndexes(reindexing: z.output<typeof readRotation.output>['reindexing']): string {
  if (!reindexing) return 'The key of the blind indexes was never changed.'
  const { startedAt, finishedAt, moved, rows } = reindexing
  const began = startedAt.slice(0, 16)
  return finishedAt
    ? `The key of the blind indexes was changed at ${began}, done at ${finishedAt.slice(0, 16)}: the former one is destroyed.`
    : `The key of the blind indexes: changed at ${began}, ${moved.toLocaleString('en')} keyed hashes moved, of about ${rows.toLocaleString('en')}.`
}
