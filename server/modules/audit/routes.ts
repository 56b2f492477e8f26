import { homesOf, homesOfAll, seenHomes } from '#modules/members'
import { type AuditCheck, checkAudit, keepCheck, lastCheck } from '#platform/audit/checking'
import { type AuditFilter, type AuditPlace, auditEntries, auditNames, sealedUpTo } from '#platform/audit/reading'
import { sealAudit } from '#platform/audit/sealing'
import { instantOf } from '#platform/clock'
import type { Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { serve, serveLong } from '#platform/http'
import { readSettings } from '#platform/settings'
import * as contract from './contract.ts'
import { auditFile } from './file.ts'
import { looksAt } from './looks.ts'
import { shown, whoOf } from './shown.ts'

const namesShown = 500

export const routes = [
  serve(contract.listAudit, 'audit.read', async (ctx, { before, limit, ...asked }) => {
    const entries = await auditEntries(ctx, await filterOf(ctx, asked), { before: placeOf(before), limit })
    const last = entries.at(-1)
    return {
      entries: await shown(ctx, entries),
      next: entries.length === limit && last ? `${last.at.toISOString()}_${last.id}` : null,
    }
  }),
  serveLong(
    contract.exportAudit,
    'audit.read',
    async (house, actor, asked, call) => {
      const { filter, day } = await inTx(house.db, actor, async (ctx) => ({
        filter: await filterOf(ctx, asked),
        day: ctx.now.toISOString().slice(0, 10),
      }))
      call.sendFile({
        name: `audit-${day}.csv`,
        type: 'text/csv; charset=utf-8',
        content: auditFile(house, actor, filter),
      })
      return {}
    },
    { as: 'export', codes: ['actor', 'act', 'kind', 'outcome', 'from', 'until'] },
  ),
  serve(contract.auditNames, 'audit.read', async (ctx) => {
    const actors = await auditNames(ctx, 'actor', { limit: namesShown })
    const who = await whoOf(ctx, actors)
    return { actors: actors.map(who), acts: await auditNames(ctx, 'act', { limit: namesShown }) }
  }),
  serve(contract.readSeal, 'audit.read', async (ctx) => {
    const sealed = await sealedUpTo(ctx)
    const check = await lastCheck(ctx)
    return {
      sealed: sealed && { batches: sealed.batches, sealedAt: sealed.sealedAt.toISOString() },
      check: check && checked(check),
    }
  }),
  serveLong(contract.checkSeal, 'audit.read', async (house, actor) => {
    await sealAudit(house)
    const check = await inTx(house.db, actor, (ctx) => checkAudit(ctx, house.folder))
    await inTx(house.db, actor, (ctx) => keepCheck(ctx, check))
    return checked(check)
  }),
  serve(contract.memberLooks, 'members.read', async (ctx, { memberId, limit }) => {
    const homes = await homesOf(ctx, memberId)
    // What another store looked at of its own record, and why, is that store's.
    const records = ctx.actor.scope === 'group' ? undefined : await seenHomes(ctx, homes)
    const looks = await looksAt(ctx, homes, { limit, records })
    const who = await whoOf(
      ctx,
      looks.map(({ actor }) => actor),
    )
    return { looks: looks.map(({ actor, at, ...look }) => ({ ...look, at: at.toISOString(), who: who(actor) })) }
  }),
]

interface Asked {
  actor?: string | undefined
  act?: string | undefined
  kind?: (typeof contract.kinds)[number] | undefined
  outcome?: (typeof contract.outcomes)[number] | undefined
  member?: string | undefined
  from?: string | undefined
  until?: string | undefined
  words?: string | undefined
}

/** A member who is gone is still asked for by the id that the log has. */
async function filterOf(ctx: Ctx, { outcome, member, from, until, words, ...asked }: Asked): Promise<AuditFilter> {
  const { timeZone } = await readSettings(ctx)
  const momentOf = (text: string, days: number) =>
    /^\d{4}-\d\d-\d\d$/.test(text) ? instantOf(`${dayAfter(text, days)}T00:00:00`, timeZone) : new Date(text)
  return {
    ...asked,
    reason: words,
    refused: outcome && outcome === 'refused',
    members: member === undefined ? undefined : ((await homesOfAll(ctx, [member])).get(member) ?? [member]),
    from: from === undefined ? undefined : momentOf(from, 0),
    until: until === undefined ? undefined : momentOf(until, 1),
  }
}

const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

function placeOf(before: string | undefined): AuditPlace | null {
  const [at, id] = before?.split('_') ?? []
  return at && id ? { at: new Date(at), id } : null
}

const checked = ({ checkedAt, ...check }: AuditCheck) => ({ checkedAt: checkedAt.toISOString(), ...check })
