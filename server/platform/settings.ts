/** What the group chooses once: name, time zone, currency … Small, read often, kept in the database. */
import { sql } from 'kysely'
import { z } from 'zod'
import type { Ctx } from '#platform/ctx'

/** In which the program can speak to members. */
export const memberLanguages = ['zh-CN', 'en', 'ru'] as const
export type MemberLanguage = (typeof memberLanguages)[number]

export const groupSettings = z.object({
  name: z.string().min(1).max(80).default('Roundtrip'),
  timeZone: z
    .string()
    .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'Unknown time zone')
    .default('Asia/Shanghai'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .refine((currency) => Intl.supportedValuesOf('currency').includes(currency), 'Unknown currency')
    .default('CNY'),
  /** Country whose numbers are meant when a phone has no country code. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default('CN'),
  /** How far a clawback goes when the points are spent already (POINTS 12). */
  refundPolicy: z.enum(['only_pending', 'within_balance', 'negative']).default('negative'),
  /** Who has to sign in with a second factor. Those who haven't one set it up at their next sign-in. */
  secondFactor: z.enum(['nobody', 'whole_group', 'everybody']).default('nobody'),
  /** Those that the member centre and messages offer; the first is spoken to whoever asks for none of them. */
  languages: z
    .array(z.enum(memberLanguages))
    .min(1)
    .refine((list) => new Set(list).size === list.length, 'each once')
    .default([...memberLanguages]),
  /** So many points are worth so much, in the smallest unit of the currency; null: nobody has said. */
  pointValue: z
    .object({ points: z.int().min(1).max(1_000_000), minor: z.int().min(1).max(1_000_000_000) })
    .nullable()
    .default(null),
})
export type GroupSettings = z.infer<typeof groupSettings>

/** The first field of a change that can't be: a time zone or a currency that nobody has. */
export function settingsProblem(change: unknown): string | null {
  const { error } = groupSettings.partial().safeParse(change)
  return error ? String(error.issues[0]!.path[0]) : null
}

/** The language to speak: the one that was asked for where the group offers it, else its first. */
export function spokenLanguage({ languages }: Pick<GroupSettings, 'languages'>, asked?: string | null): MemberLanguage {
  return languages.find((language) => language === asked) ?? languages[0]!
}

export async function readSettings(ctx: Pick<Ctx, 'tx'>): Promise<GroupSettings> {
  const { rows } = await sql<{ value: unknown }>`select value from platform.settings where name = 'group'`.execute(
    ctx.tx,
  )
  return groupSettings.parse(rows[0]?.value ?? {})
}

export async function changeSettings(ctx: Ctx, change: Partial<GroupSettings>): Promise<GroupSettings> {
  const next = groupSettings.parse({ ...(await readSettings(ctx)), ...change })
  await sql`insert into platform.settings (name, value, changed_at) values ('group', ${JSON.stringify(next)}::jsonb, ${ctx.now})
    on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at`.execute(ctx.tx)
  return next
}
