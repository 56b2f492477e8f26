import { grantsOf, inReach, sessionsOf } from '#modules/access'
import { channelOf, channels } from '#modules/channels'
import { type Described, describedFor, entryRefusal, Lexicon } from '#modules/dictionary'
import { record } from '#platform/audit'
import { dayOf } from '#platform/clock'
import { serve } from '#platform/http'
import { readSettings } from '#platform/settings'
import {
  decideReview as decideReviewRoute,
  departurePreview,
  joinMembers,
  joinPreview as joinPreviewRoute,
  listRecords,
  listReviews,
  listSharedValues,
  partRecord,
  putRecord,
  relate as relateRoute,
  revealValue,
  sayOfValue as sayOfValueRoute,
  undoReviewDecision as undoRoute,
  unrelate as unrelateRoute,
  unsayOfValue as unsayRoute,
} from './contract.ts'
import { join, joinPreview, part } from './decisions.ts'
import { erasedAtOwnRequest, recordOfNobody } from './errors.ts'
import { personsOf } from './homes.ts'
import { cleanRecord } from './intake.ts'
import { reveal } from './person.ts'
import { putRecords } from './records.ts'
import { liftRefusal, refusedAmong } from './refusals.ts'
import { relate, servedBy, unrelate } from './relations.ts'
import { countReviews, decideReview, reviewQueue, undoReviewDecision } from './review-queue.ts'
import { recordPage } from './search.ts'
import { sayOfValue, sharedValues, unsayOfValue } from './shared-values.ts'
import { isAboutNobody, knownByContent, prepareRecord } from './values.ts'

/** Tags come one by one and may hold commas: each is a word. */
function tagsOf(lexicon: Lexicon, described: readonly Described[], tags: readonly string[]): string[] {
  const read = tags.map((tag) => ({ tag, word: lexicon.read('tags', tag) }))
  const problems = read.flatMap(({ tag, word }) =>
    word?.value === null && word.problem ? [{ field: 'tags', code: word.problem, before: tag }] : [],
  )
  const refused = entryRefusal(described, problems)
  if (refused) throw refused
  return [...new Set(read.flatMap(({ tag, word }) => (word ? (word.value ?? []) : tag)))]
}

export const routes = [
  serve(putRecord, 'members.write', async (ctx, { channel: code, record: told, personPresent }) => {
    const channel = await channelOf(ctx, code)
    const { country, timeZone } = await readSettings(ctx)
    const { openids = {}, custom = {}, tags, phoneVerified, ...plain } = told
    const described = await describedFor(ctx, channel.id)
    const lexicon = new Lexicon(described)
    const { values, problems } = cleanRecord(
      {
        ...plain,
        ...Object.fromEntries(Object.entries(openids).map(([account, openid]) => [`openid@${account}`, openid])),
        ...Object.fromEntries(Object.entries(custom).map(([key, value]) => [`custom.${key}`, value])),
      },
      { country, today: dayOf(ctx.now, timeZone), timeZone, lexicon },
    )
    const refused = entryRefusal(described, problems)
    if (refused) throw refused
    if (tags && tags.length > 0) values.tags = tagsOf(lexicon, described, tags)
    if (phoneVerified && values.phone) values.phoneVerified = 'yes'
    // A record that only its content makes known could not be told from its own update.
    if (isAboutNobody(values) || knownByContent(values, channel)) throw recordOfNobody()
    const prepared = prepareRecord(ctx.vault, channel, values)
    if ((await refusedAmong(ctx, [prepared])).size > 0) {
      if (!personPresent || ctx.actor.kind !== 'staff') throw erasedAtOwnRequest()
      await liftRefusal(ctx, prepared)
    }
    const [put] = await putRecords(ctx, [prepared], { channel, origin: 'live' })
    const person = (await personsOf(ctx, [put!.memberId])).get(put!.memberId)!
    return {
      recordId: put!.memberId,
      memberId: person,
      outcome: put!.outcome,
      joined: person !== put!.memberId,
      problems: problems.map(({ field, code }) => ({ field, code })),
    }
  }),
  serve(partRecord, 'members.join', (ctx, input) => part(ctx, input)),
  serve(joinPreviewRoute, 'members.read', (ctx, input) => joinPreview(ctx, input)),
  serve(joinMembers, 'members.join', (ctx, input) => join(ctx, input)),
  serve(listReviews, 'members.join', async (ctx, { limit, offset, ...wanted }) => ({
    reviews: await reviewQueue(ctx, { ...wanted, limit, offset }),
    ...(await countReviews(ctx, wanted)),
  })),
  serve(decideReviewRoute, 'members.join', (ctx, input) => decideReview(ctx, input)),
  serve(undoRoute, 'members.join', (ctx, input) => undoReviewDecision(ctx, input)),
  serve(listSharedValues, 'members.join', (ctx, input) => sharedValues(ctx, input)),
  // What a value says about people holds for all stores, so it is said for the whole group.
  serve(sayOfValueRoute, 'settings.change', (ctx, input) => sayOfValue(ctx, input)),
  serve(unsayRoute, 'settings.change', (ctx, { valueId }) => unsayOfValue(ctx, valueId)),
  serve(relateRoute, 'members.write', async (ctx, input) => {
    if (input.staffId) await inReach(ctx, input.staffId)
    await relate(ctx, input)
    return {}
  }),
  serve(unrelateRoute, 'members.write', async (ctx, input) => {
    await unrelate(ctx, input)
    return {}
  }),
  serve(departurePreview, 'access.staff', async (ctx, { staffId }) => {
    await inReach(ctx, staffId, { whole: true })
    const { members, byChannel } = await servedBy(ctx, staffId)
    return {
      roles: (await grantsOf(ctx, staffId)).length,
      sessions: (await sessionsOf(ctx, staffId)).length,
      members,
      stores: (await channels(ctx)).flatMap(({ id, code, name }) => {
        const served = byChannel.get(id)
        return served ? [{ code, name, members: served }] : []
      }),
    }
  }),
  serve(revealValue, 'members.reveal', async (ctx, input) => ({ value: await reveal(ctx, input) }), {
    as: 'look',
    codes: ['field'],
  }),
  serve(
    listRecords,
    'members.export',
    async (ctx, { after, limit }) => {
      const codes = new Map((await channels(ctx)).map((channel) => [channel.id, channel.code]))
      const page = await recordPage(ctx, { after, limit })
      await record(ctx, { details: { records: page.length } })
      return {
        records: page.map(({ channelId, externalId, memberId }) => ({
          channel: codes.get(channelId)!,
          externalId,
          memberId,
        })),
        next: page.length === limit ? page.at(-1)!.id : null,
      }
    },
    { as: 'export' },
  ),
]
