import { looksAt } from '#modules/audit'
import { erasedAmong, homesOf, howManyRefused, namesOf } from '#modules/members'
import type { Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { serve, serveLong } from '#platform/http'
import { choose, readChoice } from './choices.ts'
import { consentsOf, type InForce, sayConsents } from './consents.ts'
import * as contract from './contract.ts'
import { handOver } from './holdings.ts'
import { processing } from './processing.ts'
import * as register from './recipients.ts'
import { allRequests, askErasure, cancelErasure, previewOf, type Request, requestsOf } from './requests.ts'
import { daysOf, type RuleInForce, rulesInForce, setRule, silentSince } from './retention.ts'
import { type Text, textsInForce, versionsOfText, writeVersion } from './texts.ts'

export const shownRequest = ({ askedAt, beginsAt, deadlineAt, endedAt, ...request }: Request) => ({
  ...request,
  askedAt: askedAt.toISOString(),
  beginsAt: beginsAt.toISOString(),
  deadlineAt: deadlineAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
})

export const shownConsent = ({ topic, channel, purpose, standing: { state, by } }: InForce) => ({
  topic,
  channel,
  purpose,
  state,
  said: by && {
    at: by.at.toISOString(),
    textVersion: by.textVersion,
    language: by.language,
    evidence: by.evidence,
    importId: by.importId,
    importRow: by.importRow,
  },
})

export const shownPreview = (preview: Awaited<ReturnType<typeof previewOf>>) => ({
  ...preview,
  open: preview.open && shownRequest(preview.open),
})

const shownRule = ({ last, ...rule }: RuleInForce) => ({
  ...rule,
  last: last && { at: last.at.toISOString(), removed: last.removed },
})

type Wordings = Record<contract.Language, { title: string; body: string }>

function byVersion(texts: readonly Text[]) {
  return [...Map.groupBy(texts, ({ topic, version }) => `${topic} ${version}`).values()].map((same) => ({
    topic: same[0]!.topic,
    version: same[0]!.version,
    savedAt: same[0]!.savedAt.toISOString(),
    wordings: Object.fromEntries(same.map(({ language, title, body }) => [language, { title, body }])) as Wordings,
  }))
}

export const shownReceived = ({ firstAt, lastAt, ...received }: register.Received) => ({
  ...received,
  firstAt: firstAt.toISOString(),
  lastAt: lastAt.toISOString(),
})

/** What leaves the group for good, or goes for good. */
const guarded = { asksProof: true }

const consents = async (ctx: Ctx, memberId: string) =>
  (await consentsOf(ctx, await homesOf(ctx, memberId))).map(shownConsent)

export const routes = [
  serve(contract.memberPrivacy, 'privacy.consent', async (ctx, { memberId }) => {
    const homes = await homesOf(ctx, memberId)
    const erased = [...(await erasedAmong(ctx, homes)).values()]
    return {
      erasedAt: erased[0]?.toISOString() ?? null,
      consents: await consents(ctx, memberId),
      requests: (await requestsOf(ctx, homes)).map(shownRequest),
      looks: (await looksAt(ctx, homes)).length,
      received: (await register.receivedBy(ctx, homes)).map(shownReceived),
    }
  }),
  serve(contract.sayConsent, 'privacy.consent', async (ctx, { memberId, note, ...said }) => {
    const homes = await homesOf(ctx, memberId)
    const evidence = ctx.actor.kind === 'key' ? 'key' : 'staff'
    await sayConsents(ctx, { home: memberId, homes, evidence, note }, [said])
    return { consents: await consents(ctx, memberId) }
  }),
  serve(
    contract.exportMember,
    'privacy.export',
    (ctx, { memberId }) => handOver(ctx, { memberId, by: 'staff' }),
    guarded,
  ),
  serve(contract.previewErasure, 'privacy.erase', async (ctx, { memberId }) =>
    shownPreview(await previewOf(ctx, memberId)),
  ),
  serve(
    contract.eraseMember,
    'privacy.erase',
    async (ctx, input) => shownRequest(await askErasure(ctx, { ...input, by: 'staff' })),
    guarded,
  ),
  serve(contract.cancelRequest, 'privacy.erase', async (ctx, { requestId }) =>
    shownRequest(await cancelErasure(ctx, requestId)),
  ),
  serve(contract.listRequests, 'privacy.read', async (ctx, { limit }) => {
    const { requests, open } = await allRequests(ctx, limit)
    return {
      requests: requests.map((request) => ({
        ...shownRequest(request),
        isLate: request.endedAt === null && request.deadlineAt < ctx.now,
      })),
      open,
      refused: await howManyRefused(ctx),
    }
  }),
  serve(contract.readRights, 'privacy.read', (ctx) => readChoice(ctx, 'rights')),
  serve(contract.chooseRights, 'privacy.change', (ctx, { waitingDays, law }) =>
    choose(ctx, 'rights', { ...(waitingDays === undefined ? {} : { waitingDays }), ...(law ? { law } : {}) }),
  ),
  serve(contract.listTexts, 'privacy.read', async (ctx) => ({ texts: byVersion(await textsInForce(ctx)) })),
  serve(contract.readVersions, 'privacy.read', async (ctx, { topic }) => ({
    versions: byVersion(await versionsOfText(ctx, topic)).map(({ topic: _topic, ...version }) => version),
  })),
  serve(contract.writeText, 'privacy.change', async (ctx, input) => ({ version: await writeVersion(ctx, input) })),
  serve(contract.listRetention, 'privacy.read', async (ctx) => ({ rules: (await rulesInForce(ctx)).map(shownRule) })),
  serve(contract.setRetention, 'privacy.change', async (ctx, input) => shownRule(await setRule(ctx, input)), guarded),
  serveLong(contract.listInactive, 'privacy.read', async (house, actor, { limit }) => {
    const { days, now } = await inTx(house.db, actor, async (ctx) => ({
      days: await daysOf(ctx, 'inactive_members'),
      now: ctx.now,
    }))
    const silent = await silentSince(house, new Date(now.getTime() - days * 86_400_000), limit)
    if (silent === null) return { days, members: null }
    const names = await inTx(house.db, actor, (ctx) =>
      namesOf(
        ctx,
        silent.map(({ person }) => person),
      ),
    )
    return {
      days,
      members: silent.map(({ person, lastAt }) => ({ memberId: person, name: names.get(person) ?? null, lastAt })),
    }
  }),
  serve(contract.readProcessing, 'privacy.read', (ctx) => processing(ctx)),
  serve(contract.writeNotes, 'privacy.change', (ctx, notes) =>
    choose(ctx, 'notes', Object.fromEntries(Object.entries(notes).filter(([, text]) => text !== undefined))),
  ),
  serveLong(contract.listRecipients, 'privacy.read', (house, actor) =>
    inTx(house.db, actor, async (ctx) => {
      const today = await register.today(ctx)
      const missesSms = house.sms && !house.sandbox && (await register.recipientOf(ctx, 'sms')) === null
      return {
        recipients: (await register.recipients(ctx)).map((recipient) => ({
          ...recipient,
          state: register.agreementState(recipient, today),
          endedAt: recipient.endedAt?.toISOString() ?? null,
        })),
        missing: missesSms ? ['sms' as const] : [],
      }
    }),
  ),
  serve(
    contract.putRecipient,
    'privacy.change',
    async (ctx, { recipientId, ...said }) => {
      await register.putRecipient(ctx, { id: recipientId, ...said })
      return {}
    },
    guarded,
  ),
  serve(
    contract.endRecipient,
    'privacy.change',
    async (ctx, { recipientId }) => {
      await register.endRecipient(ctx, recipientId)
      return {}
    },
    guarded,
  ),
]
