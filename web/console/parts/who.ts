import type { auditEntry } from '#modules/audit/contract'
import type { Say } from '../texts/texts.ts'

type Who = (typeof auditEntry)['_zod']['output']['who']

/** Who acted, by name where there is one, else by what kind of somebody it was. */
export function whoName(say: Say, { actor, kind, name }: Who): string {
  if (name !== null) return say.code('ownName', name) ?? name
  if (actor === 'system:anyone') return say('audit.anonymous')
  if (actor === 'system:command-line') return say('audit.commandLine')
  const kindName = say.code('actor', kind) ?? kind
  const id = actor.split(':')[1]
  // The last digits of an id differ; its first ones are the time.
  return kind === 'system' || !id ? kindName : `${kindName} ${id.slice(-6)}`
}
