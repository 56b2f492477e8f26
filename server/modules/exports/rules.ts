/** What the group has chosen about exports: how large, approved when, kept for how long. */
import { sql } from 'kysely'
import { grantsOf } from '#modules/access'
import type { Ctx } from '#platform/ctx'
import { type ExportRules, exportRules } from './contract.ts'

export async function readRules(ctx: Pick<Ctx, 'tx'>): Promise<ExportRules> {
  const { rows } = await sql<{ value: unknown }>`select value from exports.rules where name = 'rules'`.execute(ctx.tx)
  return exportRules.parse(rows[0]?.value ?? {})
}

/** What is left out stays. */
export async function changeRules(
  ctx: Ctx,
  change: { [Name in keyof ExportRules]?: ExportRules[Name] | undefined },
): Promise<ExportRules> {
  const said = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const next = exportRules.parse({ ...(await readRules(ctx)), ...said })
  await sql`insert into exports.rules (name, value, changed_at) values ('rules', ${JSON.stringify(next)}::jsonb, ${ctx.now})
    on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at`.execute(ctx.tx)
  return next
}

/** How many rows the actor may take out at once: by the roles they hold, else as everybody. */
export async function mostRowsOf({ tx, actor }: Ctx): Promise<number> {
  const { mostRows, mostRowsOfRole } = await readRules({ tx })
  if (actor.kind === 'system' || actor.id === null) return mostRows
  const roles = new Set((await grantsOf({ tx }, actor.id)).map(({ role }) => role))
  const own = [...roles].map((role) => mostRowsOfRole[role] ?? mostRows)
  return own.length > 0 ? Math.max(...own) : mostRows
}

/** Whether somebody else has to approve it. */
export const needsApproval = (
  { approvalFromRows, approvalOfClear }: ExportRules,
  { rows, clear }: { rows: number; clear: boolean },
): boolean => (approvalFromRows !== null && rows >= approvalFromRows) || (approvalOfClear && clear)
