/** The record of processing (GDPR article 30, PIPL articles 54 to 56): from what the program holds, with the group's notes. */
import { sql } from 'kysely'
import type { z } from 'zod'
import { channels } from '#modules/channels'
import { howManyPersons, howManyRefused } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { readSettings } from '#platform/settings'
import { readChoice } from './choices.ts'
import type { readProcessing } from './contract.ts'
import { rulesInForce } from './retention.ts'

type Processing = z.input<(typeof readProcessing)['output']>
type Activity = Processing['activities'][number]

export async function processing(ctx: Ctx): Promise<Processing> {
  const { name: group } = await readSettings(ctx)
  const { law } = await readChoice(ctx, 'rights')
  const days = new Map((await rulesInForce(ctx)).map((rule) => [rule.kind, rule.days]))
  const { persons } = await howManyPersons(ctx)
  const counted = async (query: ReturnType<typeof sql<{ count: number }>>) =>
    (await query.execute(ctx.tx)).rows[0]!.count
  const activities: Activity[] = [
    activity('membership', ['name', 'contact', 'birth', 'documents', 'address'], 'contract', persons, null, 'sealed'),
    activity('lists', ['name', 'birth', 'city'], 'contract', persons, null, 'clear'),
    activity('orders', ['orders', 'amounts'], 'contract', null, null, 'ids'),
    activity('points', ['points'], 'contract', null, null, 'ids'),
    activity('signing_in', ['contact', 'sessions'], 'contract', null, days.get('sessions') ?? null, 'sealed'),
    activity('messages', ['contact', 'messages'], 'contract', null, days.get('deliveries') ?? null, 'sealed'),
    activity('handing_on', ['events'], 'contract', null, days.get('webhooks') ?? null, 'sealed'),
    activity('files', ['uploads'], 'interest', null, days.get('uploads') ?? null, 'sealed'),
    activity('error_files', ['rejected'], 'interest', null, days.get('error_files') ?? null, 'sealed'),
    activity(
      'consents',
      ['consents'],
      'legal_duty',
      await counted(sql<{ count: number }>`select count(*) as count from privacy.consents`),
      null,
      'ids',
    ),
    activity('insight', ['birth', 'city', 'orders', 'events'], 'interest', persons, null, 'ids'),
    activity('refusals', ['hashes'], 'legal_duty', await howManyRefused(ctx), null, 'ids'),
  ]
  return {
    group,
    law,
    activities,
    channels: (await channels(ctx)).map(({ code, name, kind }) => ({ code, name, kind })),
    notes: await readChoice(ctx, 'notes'),
  }
}

function activity(
  code: string,
  holds: string[],
  basis: Activity['basis'],
  count: number | null,
  days: number | null,
  protection: Activity['protection'],
): Activity {
  return { code, holds, basis, count, days, protection }
}
