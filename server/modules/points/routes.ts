import type { Ctx } from '#platform/ctx'
import { serve } from '#platform/http'
import { readSettings } from '#platform/settings'
import { balanceOf, entriesOf, lotsOf } from './balances.ts'
import * as contract from './contract.ts'
import { endInvitation, type Grant, invitationsOf, invite, type TierNow, tierOf } from './invitations.ts'
import { adjust } from './ledger.ts'
import { liability, worthOf } from './liability.ts'
import { addGroup, addRule, changeGroup, changeRule, listRulebook, type SavedVersion } from './rulebook.ts'
import { addTier, changeTier, listTiers, orderTiers, removeTier, type Tier } from './tiers.ts'
import { verify } from './verify.ts'

export const routes = [
  serve(contract.memberPoints, 'points.read', async (ctx, { memberId }) => {
    const { nextExpiry, ...balance } = await balanceOf(ctx, memberId)
    const lots = await lotsOf(ctx, memberId)
    const { pointValue } = await readSettings(ctx)
    return {
      ...balance,
      worthMinor: pointValue && worthOf(balance.available, pointValue),
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
  serve(contract.listTiers, 'points.read', async (ctx) => ({
    tiers: (await listTiers(ctx)).map(({ invited, ...tier }) => ({ ...look(tier), invited })),
  })),
  serve(contract.addTier, 'settings.change', async (ctx, input) => look(await addTier(ctx, input))),
  serve(contract.changeTier, 'settings.change', async (ctx, input) => look(await changeTier(ctx, input))),
  serve(contract.orderTiers, 'settings.change', async (ctx, { codes }) => {
    await orderTiers(ctx, codes)
    return {}
  }),
  serve(contract.removeTier, 'settings.change', async (ctx, { code }) => {
    await removeTier(ctx, code)
    return {}
  }),
  serve(contract.memberTier, 'points.read', async (ctx, { memberId }) => ({
    ...(await tierNow(ctx, memberId)),
    invitations: (await invitationsOf(ctx, memberId)).map(({ look: tier, ...grant }) => granted(grant, tier)),
  })),
  serve(contract.inviteToTier, 'points.tiers', async (ctx, input) => {
    await invite(ctx, input)
    return tierNow(ctx, input.memberId)
  }),
  serve(contract.endTierInvitation, 'points.tiers', async (ctx, input) => {
    await endInvitation(ctx, input)
    return tierNow(ctx, input.memberId)
  }),
  serve(contract.readLiability, 'points.read', (ctx) => liability(ctx)),
  serve(contract.verifyPoints, 'points.rules', async (ctx) => {
    const broken = await verify(ctx)
    return { ok: broken.length === 0, broken }
  }),
]

const look = ({ code, names, landscape }: Tier) => ({ code, names, landscape })

const granted = ({ id, reason, givenBy, givenAt, until, endedAt, endedAs, endedBy, endReason }: Grant, tier: Tier) => ({
  id,
  tier: look(tier),
  reason,
  givenBy,
  givenAt: givenAt.toISOString(),
  until: until?.toISOString() ?? null,
  endedAt: endedAt?.toISOString() ?? null,
  endedAs,
  endedBy,
  endReason,
})

async function tierNow(ctx: Ctx, memberId: string) {
  const { tier, grant }: TierNow = await tierOf(ctx, memberId)
  return { tier: look(tier), by: grant && granted(grant, tier) }
}

const dated = <D>({ effectiveAt, ...save }: { code: string; definition: D; effectiveAt?: string | undefined }) => ({
  ...save,
  effectiveAt: effectiveAt === undefined ? undefined : new Date(effectiveAt),
})

const saved = <D>({ effectiveAt, savedAt, ...version }: SavedVersion<D>) => ({
  ...version,
  effectiveAt: effectiveAt.toISOString(),
  savedAt: savedAt.toISOString(),
})
