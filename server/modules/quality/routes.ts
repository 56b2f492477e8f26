import { staffNames } from '#modules/access'
import { companiesSeen, dictionary } from '#modules/dictionary'
import {
  findingsOfPersons,
  masked,
  maskedPhones,
  type PersonFindings,
  personsInReview,
  staffWhoServe,
} from '#modules/members'
import type { Actor, Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { serve, serveLong } from '#platform/http'
import * as contract from './contract.ts'
import { type Counted, figuresBy, figuresOf, personsBehind } from './counting.ts'
import { companyOfChannels, daysOf } from './days.ts'
import { mendOne } from './mending-one.ts'
import { addMending, applyDictionary, mendingOf, mendings, shown, stop, undo } from './mendings.ts'
import { type Asked, channelsSeen, type Place, placeOf } from './places.ts'
import { askForSurvey, isComplete, spellingsOf } from './survey.ts'

export const routes = [
  serveLong(contract.readQuality, 'members.read', async (house, actor, asked) => {
    const { place, duplicates, complete, custom } = await inTx(house.db, actor, async (ctx) => ({
      place: await placeOf(ctx, asked),
      duplicates: (await personsInReview(ctx, { limit: 1 })).count,
      complete: await isComplete(ctx),
      custom: await customFields(ctx, asked),
    }))
    const isWhole = asked.company === undefined && asked.channel === undefined && asked.staff === undefined
    // Pairs are of the whole scope: of a part of it nobody could say to which of the two it belongs.
    return { ...(await figuresOf(house.warehouse, place)), duplicates: isWhole ? duplicates : 0, custom, complete }
  }),
  serveLong(contract.readBreakdown, 'members.read', async (house, actor, { by, ...asked }) => ({
    rows: await breakdown(house, actor, by, asked),
  })),
  serve(contract.readTrend, 'members.read', async (ctx, { days, ...asked }) =>
    daysOf(ctx, await placeOf(ctx, asked), days),
  ),
  serveLong(contract.toMend, 'members.read', async (house, actor, { finding, after, limit, ...asked }) => {
    const place = await inTx(house.db, actor, (ctx) => placeOf(ctx, asked))
    const ids = await behind(house, actor, { finding, after, limit: limit + 1, place })
    const page = ids.slice(0, limit)
    const members = await inTx(house.db, actor, (ctx) => listed(ctx, page, place))
    return { members, next: ids.length > limit ? page.at(-1)! : null }
  }),
  serve(
    contract.mendValue,
    'members.write',
    (ctx, { memberId, recordId, field, value }) => mendOne(ctx, { memberId, recordId, field, value }),
    { codes: ['field'] },
  ),
  serveLong(
    contract.addMending,
    'members.write',
    async (house, actor, input) => {
      const mending = await addMending(house, actor, input)
      return inTx(house.db, actor, async (ctx) => (await shown(ctx, [mending]))[0]!)
    },
    { codes: ['kind', 'field'] },
  ),
  serve(
    contract.applyDictionary,
    'dictionary.write',
    async (ctx, input) => one(ctx, await applyDictionary(ctx, input)),
    {
      codes: ['field', 'company'],
    },
  ),
  serve(contract.listMendings, 'members.write', async (ctx, { limit }) => ({
    mendings: await shown(ctx, await mendings(ctx, limit)),
  })),
  serve(contract.readMending, 'members.write', async (ctx, { mendingId }) => one(ctx, await mendingOf(ctx, mendingId))),
  serve(contract.stopMending, 'members.write', async (ctx, { mendingId }) => one(ctx, await stop(ctx, mendingId))),
  serve(contract.undoMending, 'members.write', async (ctx, { mendingId }) => one(ctx, await undo(ctx, mendingId))),
  serve(contract.readSpellings, 'dictionary.write', async (ctx, { field, company }) => {
    const under = new Map((await companiesSeen(ctx)).map(({ code, channelIds }) => [code, channelIds]))
    return spellingsOf(ctx, { field, company }, under)
  }),
  serve(contract.addSurvey, 'dictionary.write', async (ctx) => {
    await askForSurvey(ctx)
    return {}
  }),
]

const one = async (ctx: Ctx, mending: Awaited<ReturnType<typeof mendingOf>>) => (await shown(ctx, [mending]))[0]!

/** Fields that were added and hold for everybody who is counted: the group's, and of one company its own. */
async function customFields(ctx: Ctx, { company }: Asked) {
  const { fields, companies } = await dictionary(ctx)
  const only = company ?? (ctx.actor.scope !== 'group' && companies.length === 1 ? companies[0]!.code : null)
  return fields
    .filter((field) => field.field.startsWith('custom.') && (field.company === null || field.company === only))
    .map(({ field, names }) => ({ field, names }))
}

async function breakdown(
  house: House,
  actor: Actor,
  by: (typeof contract.breakdowns)[number],
  asked: Asked,
): Promise<({ key: string; name: string } & Counted)[]> {
  const { place, channels, companies, companyOf, serving } = await inTx(house.db, actor, async (ctx) => ({
    place: await placeOf(ctx, asked),
    channels: await channelsSeen(ctx),
    companies: await companiesSeen(ctx),
    companyOf: await companyOfChannels(ctx),
    serving: await staffWhoServe(ctx),
  }))
  const figures = await figuresBy(house.warehouse, place, by === 'company' ? { companyOf } : by)
  const staff = await inTx(house.db, actor, (ctx) => staffNames(ctx, serving))
  const within = place.channelIds && new Set(place.channelIds)
  const nameOf = (key: string): { key: string; name: string } | null => {
    if (by === 'staff') return serving.includes(key) ? { key, name: staff.get(key) ?? key } : null
    if (by === 'company') {
      const company = companies.find(({ id }) => String(id) === key)
      return company ? { key: company.code, name: company.name } : null
    }
    const channel = channels.get(Number(key))
    return channel && (!within || within.has(Number(key))) ? { key: channel.code, name: channel.name } : null
  }
  return [...figures]
    .flatMap(([key, counted]) => {
      const named = nameOf(key)
      return named ? [{ ...named, ...counted }] : []
    })
    .sort((a, b) => b.withAny - a.withAny || b.members - a.members || (a.name < b.name ? -1 : 1))
}

async function behind(
  house: House,
  actor: Actor,
  { finding, after, limit, place }: { finding: string; after?: string | undefined; limit: number; place: Place },
): Promise<string[]> {
  if (finding === 'duplicates')
    return inTx(house.db, actor, async (ctx) => (await personsInReview(ctx, { after, limit })).ids)
  return personsBehind(house.warehouse, place, { finding, after, limit })
}

/** With names, and what PostgreSQL knows of each now: somebody may just have mended it. */
async function listed(ctx: Ctx, ids: readonly string[], place: Place) {
  const seen = await findingsOfPersons(ctx, ids)
  // What another place knows of them is not missing there, but it was counted as missing here.
  const persons = seen.map((person) => {
    const own = person.records.filter((record) => place.has(record))
    return { ...person, counted: own.length > 0 ? own : person.records }
  })
  const phones = await maskedPhones(ctx, persons, (phone) => masked('phone', phone))
  const names = await staffNames(ctx, [...new Set(persons.flatMap(({ staff }) => staff))])
  const channels = await channelsSeen(ctx)
  return persons.map((person) => ({
    id: person.id,
    name: person.name,
    phone: phones.get(person.id) ?? null,
    missing: contract.wantedFields.filter((field) => !person.counted.some(({ filled }) => filled.has(field))),
    wrong: wrongOf(person.counted),
    recordId: person.counted[0]!.id,
    channels: [...new Set(person.records.flatMap(({ channelId }) => channels.get(channelId)?.name ?? []))],
    staff: person.staff.flatMap((id) => names.get(id) ?? []),
  }))
}

/** Each once, at the newest record where it stands. */
function wrongOf(records: PersonFindings['records']) {
  const found = new Map<string, { field: string; code: string; recordId: string }>()
  for (const { id, wrong } of records) {
    for (const said of wrong) {
      const [field = '', code = ''] = said.split(':')
      if (!found.has(said)) found.set(said, { field, code, recordId: id })
    }
  }
  return [...found.values()]
}
