/** API keys: what scripts and other systems come in by. A key holds roles like a member of staff. */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import type { Reading } from '#platform/db'
import { newId } from '#platform/ids'
import { contentHash } from '#platform/vault'
import { keyUnknown } from './errors.ts'
import { newSecret } from './sessions.ts'
import { giveRole, grantsOf, type HeldRight, type Place } from './staff.ts'

/** Makes a key that holds one role in one place; `expiresAt` null: until it is ended. */
export async function addKey(
  ctx: Ctx,
  { name, role, place, expiresAt }: { name: string; role: string; place: Place; expiresAt: Date | null },
): Promise<{ id: string; key: string }> {
  const id = newId()
  const key = `rt_${newSecret()}`
  await sql`insert into access.api_keys (id, name, secret_hash, created_at, expires_at)
    values (${id}, ${name}, ${contentHash(key)}, ${ctx.now}, ${expiresAt})`.execute(ctx.tx)
  await giveRole(ctx, { id: newId(), holderId: id, role, place })
  return { id, key }
}

export interface KeyRow {
  id: string
  name: string
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date | null
}

export async function keys(ctx: Ctx): Promise<(KeyRow & { grants: HeldRight[] })[]> {
  const { rows } = await sql<KeyRow>`
    select id, name, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt"
    from access.api_keys where ended_at is null order by created_at`.execute(ctx.tx)
  const all = []
  for (const row of rows) all.push({ ...row, grants: await grantsOf(ctx, row.id) })
  return all
}

export async function keyOf(ctx: Reading, keyId: string): Promise<Pick<KeyRow, 'id' | 'name'>> {
  const { rows } = await sql<KeyRow>`select id, name from access.api_keys where id = ${keyId}`.execute(ctx.tx)
  if (!rows[0]) throw keyUnknown(keyId)
  return rows[0]
}

export async function endKey(ctx: Ctx, keyId: string): Promise<void> {
  const { numAffectedRows } =
    await sql`update access.api_keys set ended_at = ${ctx.now} where id = ${keyId} and ended_at is null`.execute(ctx.tx)
  if (!numAffectedRows) throw keyUnknown(keyId)
}
