/** Putting one value of a record right, by the same cleaning by which an import would have read it. */
import { describedFor, entryRefusal, Lexicon } from '#modules/dictionary'
import { amendRecords, cleanRecord, homesOf, personsOf, seenHomes, standingOf } from '#modules/members'
import { dayOf } from '#platform/clock'
import type { Ctx } from '#platform/ctx'
import { readSettings } from '#platform/settings'
import { recordElsewhere, valueNotTaken } from './errors.ts'

/** What goes with a field: it says nothing without it. */
const parts: Record<string, readonly string[]> = {
  name: ['familyName', 'givenName'],
  phone: ['phoneExtension', 'otherPhones', 'phoneVerified'],
  documentNumber: ['documentType'],
}

export async function mendOne(
  ctx: Ctx,
  { memberId, recordId, field, value }: { memberId: string; recordId: string; field: string; value: string | null },
): Promise<{ memberId: string; version: number }> {
  const homes = await seenHomes(ctx, await homesOf(ctx, memberId))
  if (!homes.includes(recordId)) throw recordElsewhere(recordId, memberId)
  const said = await saidOf(ctx, { recordId, field, value })
  const [written] = await amendRecords(ctx, [{ home: recordId, said }], { as: 'word', origin: 'live' })
  if (!written) throw recordElsewhere(recordId, memberId)
  return { memberId: (await personsOf(ctx, [recordId])).get(recordId)!, version: written.version }
}

async function saidOf(
  ctx: Ctx,
  { recordId, field, value }: { recordId: string; field: string; value: string | null },
): Promise<Record<string, string | string[]>> {
  const emptied = Object.fromEntries([field, `raw.${field}`, ...(parts[field] ?? [])].map((one) => [one, '']))
  if (value === null) return emptied
  const [standing] = await standingOf(ctx, [recordId])
  if (!standing) throw recordElsewhere(recordId, recordId)
  const { country, timeZone } = await readSettings(ctx)
  const described = await describedFor(ctx, standing.channelId)
  const known = (one: string) => (typeof standing.values[one] === 'string' ? (standing.values[one] as string) : null)
  // A document is its kind and its number together, whichever of them is put right.
  const raw =
    field === 'documentNumber'
      ? { documentNumber: value, documentType: known('documentType') }
      : field === 'documentType'
        ? { documentType: value, documentNumber: known('documentNumber') }
        : { [field]: value }
  const { values, problems } = cleanRecord(raw, {
    country,
    timeZone,
    today: dayOf(ctx.now, timeZone),
    lexicon: new Lexicon(described),
  })
  const refused = entryRefusal(described, problems)
  if (refused) throw refused
  if (problems[0]) throw valueNotTaken(field, problems[0].code)
  if (values[field] === undefined) throw valueNotTaken(field, 'blank')
  // What a document says of birth and gender is left to those fields.
  const own = [field, ...(parts[field] ?? []), ...(field === 'documentType' ? ['documentNumber'] : [])]
  return {
    ...emptied,
    ...Object.fromEntries(own.flatMap((one) => (values[one] === undefined ? [] : [[one, values[one]]]))),
  }
}
