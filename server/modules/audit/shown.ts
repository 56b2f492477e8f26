/** Entries as they are read: with the names that ids have now. */
import type { z } from 'zod'
import { actorNames } from '#modules/access'
import { namesOf, personsOf } from '#modules/members'
import type { AuditEntry } from '#platform/audit'
import { type Ctx, may } from '#platform/ctx'
import type { auditEntry } from './contract.ts'

type Entry = z.input<typeof auditEntry>
type Who = Entry['who']

export async function whoOf(ctx: Ctx, actors: readonly string[]): Promise<(actor: string) => Who> {
  const names = await actorNames(ctx, [...new Set(actors)])
  return (actor) => ({ actor, kind: actor.split(':')[0] as Who['kind'], name: names.get(actor) ?? null })
}

export async function shown(ctx: Ctx, entries: readonly AuditEntry[]): Promise<Entry[]> {
  const who = await whoOf(
    ctx,
    entries.map(({ actor }) => actor),
  )
  const homes = [...new Set(entries.flatMap(({ members }) => members))]
  const persons = await personsOf(ctx, homes)
  const names = may(ctx.actor, 'members.read')
    ? await namesOf(ctx, [...new Set([...homes, ...persons.values()])])
    : new Map<string, string>()
  return entries.map(({ at, actor, members, ...entry }) => {
    const about = new Map(members.map((home) => [persons.get(home) ?? home, home]))
    return {
      ...entry,
      at: at.toISOString(),
      who: who(actor),
      members: [...about].map(([id, home]) => ({ id, name: names.get(id) ?? names.get(home) ?? null })),
    }
  })
}
