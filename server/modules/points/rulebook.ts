/**
 * Rules and groups as staff save them: every change is a new version with the moment from which it holds, and nothing
 * is overwritten, so each award can be explained by the version that gave it.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Ctx } from '#platform/ctx'
import { actorName } from '#platform/events'
import { readSettings } from '#platform/settings'
import { type GroupDefinition, groupDefinition, type RuleDefinition, ruleDefinition } from './contract.ts'
import { effectiveInPast, groupUnknown, ruleChanged, ruleExists, ruleUnknown } from './errors.ts'
import { type Rulebook, type Version, versionAt } from './rules.ts'

export interface SavedVersion<D> extends Version<D> {
  savedAt: Date
  actor: string
}

type Table = 'rules' | 'rule_groups'

export interface Save<D> {
  code: string
  definition: D
  /** Left out: now. */
  effectiveAt?: Date | undefined
}

export async function readRulebook(ctx: Pick<Ctx, 'tx'>): Promise<Rulebook> {
  return {
    rules: byCode(await versions(ctx, 'rules', ruleDefinition)),
    groups: byCode(await versions(ctx, 'rule_groups', groupDefinition)),
  }
}

/** Every version, newest first. */
export async function listRulebook(ctx: Pick<Ctx, 'tx'>) {
  return {
    rules: await versions(ctx, 'rules', ruleDefinition),
    groups: await versions(ctx, 'rule_groups', groupDefinition),
  }
}

export async function addRule(ctx: Ctx, save: Save<RuleDefinition>): Promise<SavedVersion<RuleDefinition>> {
  await mustHaveGroup(ctx, save)
  return add(ctx, 'rules', save)
}

export async function changeRule(ctx: Ctx, save: Save<RuleDefinition>): Promise<SavedVersion<RuleDefinition>> {
  await mustHaveGroup(ctx, save)
  return change(ctx, 'rules', save, ruleDefinition)
}

export const addGroup = (ctx: Ctx, save: Save<GroupDefinition>) => add(ctx, 'rule_groups', save)
export const changeGroup = (ctx: Ctx, save: Save<GroupDefinition>) => change(ctx, 'rule_groups', save, groupDefinition)

/**
 * What a new group begins with: 1 point for each 1.00 that was paid, valid 24 months to the end of the month. In force
 * since ever, so that old orders which are imported to earn do so. Does nothing where there are rules already.
 */
export async function ensureStartingRules(ctx: Ctx): Promise<void> {
  const { rows } = await sql<{ any: boolean }>`select exists (select from points.rule_groups) as any`.execute(ctx.tx)
  if (rows[0]!.any) return
  const { currency } = await readSettings(ctx)
  const sinceEver = new Date(0)
  await addGroup(ctx, {
    code: 'purchases',
    effectiveAt: sinceEver,
    definition: { name: 'Purchases', way: 'max', window: 'event' },
  })
  await addRule(ctx, {
    code: startingRule,
    effectiveAt: sinceEver,
    definition: {
      name: 'Paid orders',
      group: 'purchases',
      event: 'order.paid',
      when: [],
      gives: { by: 'amount', points: 1, perMinor: minorUnitsOf(currency) },
      expires: { mode: 'after', count: 24, unit: 'month', endOf: 'month' },
      availableAfterDays: 0,
      priority: 50,
      active: true,
    },
  })
}

const startingRule = 'paid-orders'

/** Whether somebody has saved a rule: a new one, or the starting one as they want it. */
export async function anyOwnRule(ctx: Pick<Ctx, 'tx'>): Promise<boolean> {
  const { rows } = await sql<{ own: boolean }>`
    select exists (select from points.rules where not (code = ${startingRule} and version = 1)) as own`.execute(ctx.tx)
  return rows[0]!.own
}

/** How many of its smallest units one unit of a currency has: 100 fen, 1 yen. */
function minorUnitsOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
  return 10 ** (maximumFractionDigits ?? 2)
}

async function mustHaveGroup(ctx: Ctx, { definition, effectiveAt = ctx.now }: Save<RuleDefinition>): Promise<void> {
  const groups = await versions(ctx, 'rule_groups', groupDefinition)
  const ofCode = groups.filter(({ code }) => code === definition.group)
  if (!versionAt(ofCode, effectiveAt)) throw groupUnknown(definition.group)
}

async function add<D>(ctx: Ctx, table: Table, save: Save<D>): Promise<SavedVersion<D>> {
  const saved = await insert(ctx, table, save, 1)
  if (!saved) throw ruleExists(save.code)
  return saved
}

async function change<D>(ctx: Ctx, table: Table, save: Save<D>, definition: z.ZodType<D>): Promise<SavedVersion<D>> {
  const former = (await versions(ctx, table, definition)).filter(({ code }) => code === save.code)
  if (former.length === 0) throw ruleUnknown(save.code)
  if (save.effectiveAt && save.effectiveAt < ctx.now) throw effectiveInPast(save.code, save.effectiveAt.toISOString())
  const saved = await insert(ctx, table, save, Math.max(...former.map(({ version }) => version)) + 1)
  if (!saved) throw ruleChanged(save.code)
  return saved
}

/** Null: somebody has saved this version before. */
async function insert<D>(ctx: Ctx, table: Table, save: Save<D>, version: number): Promise<SavedVersion<D> | null> {
  const saved = {
    code: save.code,
    version,
    effectiveAt: save.effectiveAt ?? ctx.now,
    definition: save.definition,
    savedAt: ctx.now,
    actor: actorName(ctx.actor),
  }
  const { rows } = await sql`
    insert into ${sql.table(`points.${table}`)} (code, version, effective_at, definition, saved_at, actor)
    values (${saved.code}, ${saved.version}, ${saved.effectiveAt}, ${JSON.stringify(saved.definition)}::jsonb, ${saved.savedAt}, ${saved.actor})
    on conflict do nothing returning code`.execute(ctx.tx)
  return rows.length === 0 ? null : saved
}

async function versions<D>(ctx: Pick<Ctx, 'tx'>, table: Table, definition: z.ZodType<D>): Promise<SavedVersion<D>[]> {
  const { rows } = await sql<SavedVersion<unknown>>`
    select code, version, effective_at as "effectiveAt", definition, saved_at as "savedAt", actor
    from ${sql.table(`points.${table}`)} order by code, version desc`.execute(ctx.tx)
  return rows.map((row) => ({ ...row, definition: definition.parse(row.definition) }))
}

function byCode<D>(list: readonly SavedVersion<D>[]): Map<string, SavedVersion<D>[]> {
  return Map.groupBy(list, ({ code }) => code)
}
