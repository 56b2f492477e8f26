import { serve } from '#platform/http'
import { balanceOf, entriesOf, lotsOf } from './balances.ts'
import * as contract from './contract.ts'
import { adjust } from './ledger.ts'
import { addGroup, addRule, changeGroup, changeRule, listRulebook, type SavedVersion } from './rulebook.ts'
import { verify } from './verify.ts'

export const routes = [
  serve(contract.memberPoints, 'points.read', async (ctx, { memberId }) => {
    const { nextExpiry, ...balance } = await balanceOf(ctx, memberId)
    const lots = await lotsOf(ctx, memberId)
    return {
      ...balance,
      nextExpiry: nextExpiry && { at: nextExpiry.at.toISOString(), amount: nextExpiry.amount },
      lots: lots.map(({ memberId: home, number, source, amount, remaining, pending, ...lot }) => ({
        id: `${home}-${number}`,
        source,
        amount,
        remaining,
        pending,
        availableAt: lot.availableAt.toISOString(),
        expiresAt: lot.expiresAt?.toISOString() ?? null,
        earnedAt: lot.earnedAt.toISOString(),
      })),
    }
  }),
  serve(contract.memberEntries, 'points.read', async (ctx, { memberId, before, limit }) => {
    const { entries, next } = await entriesOf(ctx, memberId, { before, limit })
    return {
      entries: entries.map(({ eventAt, createdAt, ...entry }) => ({
        ...entry,
        eventAt: eventAt.toISOString(),
        createdAt: createdAt.toISOString(),
      })),
      next,
    }
  }),
  serve(contract.adjustPoints, 'points.adjust', async (ctx, input) => {
    await adjust(ctx, input)
    const { available, pending, deficit } = await balanceOf(ctx, input.memberId)
    return { available, pending, deficit }
  }),
  serve(contract.listRules, 'points.read', async (ctx) => {
    const { rules, groups } = await listRulebook(ctx)
    return { rules: rules.map(saved), groups: groups.map(saved) }
  }),
  serve(contract.addRule, 'points.rules', async (ctx, input) => saved(await addRule(ctx, dated(input)))),
  serve(contract.changeRule, 'points.rules', async (ctx, input) => saved(await changeRule(ctx, dated(input)))),
  serve(contract.addGroup, 'points.rules', async (ctx, input) => saved(await addGroup(ctx, dated(input)))),
  serve(contract.changeGroup, 'points.rules', async (ctx, input) => saved(await changeGroup(ctx, dated(input)))),
  serve(contract.verifyPoints, 'points.rules', async (ctx) => {
    const broken = await verify(ctx)
    return { ok: broken.length === 0, broken }
  }),
]

const dated = <D>({ effectiveAt, ...save }: { code: string; definition: D; effectiveAt?: string | undefined }) => ({
  ...save,
  effectiveAt: effectiveAt === undefined ? undefined : new Date(effectiveAt),
})

const saved = <D>({ effectiveAt, savedAt, ...version }: SavedVersion<D>) => ({
  ...version,
  effectiveAt: effectiveAt.toISOString(),
  savedAt: savedAt.toISOString(),
})
