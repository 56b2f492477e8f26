/** The log as CSV, read page by page while it is sent. */
import { Readable } from 'node:stream'
import type { AuditEntry } from '#platform/audit'
import { type AuditFilter, auditEntries } from '#platform/audit/reading'
import { csvLine, csvMark } from '#platform/csv'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { whoOf } from './shown.ts'

const page = 1_000

const columns = [
  'at',
  'actor',
  'name',
  'act',
  'kind',
  'outcome',
  'members',
  'ids',
  'fields',
  'reason',
  'details',
  'permission',
  'address',
  'request',
  'entry',
]

export function auditFile(house: House, actor: Actor, filter: AuditFilter): Readable {
  async function* lines() {
    yield `${csvMark}${csvLine(columns)}`
    let before: AuditEntry | null = null
    for (;;) {
      const { entries, who } = await inTx(house.db, actor, async (ctx) => {
        const found = await auditEntries(ctx, filter, { before, limit: page })
        return {
          entries: found,
          who: await whoOf(
            ctx,
            found.map((entry) => entry.actor),
          ),
        }
      })
      if (entries.length === 0) return
      yield entries.map((entry) => csvLine(cellsOf(entry, who(entry.actor).name))).join('')
      before = entries.at(-1)!
    }
  }
  return Readable.from(lines())
}

const pairs = (record: Readonly<Record<string, unknown>>) =>
  Object.entries(record)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

function cellsOf(entry: AuditEntry, name: string | null): (string | null)[] {
  const { at, actor, act, kind, refusal, members, ids, fields, reason, details } = entry
  return [
    at.toISOString(),
    actor,
    name,
    act,
    kind,
    refusal === null ? 'done' : `refused: ${refusal}`,
    members.join(' '),
    pairs(ids),
    fields.join(' '),
    reason,
    pairs(details),
    entry.permission,
    entry.address,
    entry.requestId,
    entry.id,
  ]
}
