/**
 * A request that names itself acts once. The first answer is kept with the hash of its input; the same again returns
 * it, other input under the same name is refused. Every caller gets the answer as it is kept: what JSON makes of it.
 */
import { sql } from 'kysely'
import type { Ctx } from '#platform/ctx'
import { Refusal } from '#platform/errors'
import { actorName } from '#platform/events'
import { contentHash } from '#platform/vault'

export async function once<T>(
  ctx: Ctx,
  { operation, key, input }: { operation: string; key: string; input: unknown },
  act: () => Promise<T>,
): Promise<T> {
  const caller = actorName(ctx.actor)
  const hash = contentHash(JSON.stringify(input))
  // Whoever comes second waits here for the first one's commit, then reads its answer.
  const { rows: claimed } = await sql`insert into platform.idempotency (caller, operation, key, input_hash)
    values (${caller}, ${operation}, ${key}, ${hash}) on conflict do nothing returning 1`.execute(ctx.tx)
  if (claimed.length === 0) {
    const { rows } = await sql<{ input_hash: Buffer; answer: T }>`select input_hash, answer from platform.idempotency
      where caller = ${caller} and operation = ${operation} and key = ${key}`.execute(ctx.tx)
    if (!rows[0]!.input_hash.equals(hash)) {
      throw new Refusal(
        'conflict',
        'request.key_reused',
        { operation, key },
        `The key ${key} was used before for ${operation} with other input.`,
      )
    }
    return rows[0]!.answer
  }
  const answer = await act()
  const { rows } = await sql<{
    answer: T
  }>`update platform.idempotency set answer = ${JSON.stringify(answer ?? null)}::jsonb
    where caller = ${caller} and operation = ${operation} and key = ${key} returning answer`.execute(ctx.tx)
  return rows[0]!.answer
}
