/**
 * Fields as the group and its companies describe them. The program's own fields are the group's; a field `custom.KEY`
 * belongs to the group or to one company, and never to both, so that a record says with it one thing.
 */
import { sql } from 'kysely'
import { type Company, channelsOfCompanies, companies } from '#modules/organisation'
import type { Ctx } from '#platform/ctx'
import type { Reading } from '#platform/db'
import { actorName } from '#platform/events'
import { describedByProgram, fixedOf, isOpen } from './built-in.ts'
import { type DictionaryEntry, type FieldDefinition, fieldDefinition, type WordNames, wordFields } from './contract.ts'
import {
  changedMeanwhile,
  choiceNeeded,
  companyNotYours,
  fieldUnknown,
  groupOnly,
  keyTaken,
  listFixed,
  noList,
  spellingTwice,
  valueFixed,
} from './errors.ts'
import { type Described, Lexicon, wordOf } from './lexicon.ts'

interface Row {
  companyId: number | null
  field: string
  definition: FieldDefinition
  version: number
  changedAt: Date
}

async function rowsOf(ctx: Pick<Ctx, 'tx'>): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select company_id as "companyId", field, definition, version, changed_at as "changedAt" from dictionary.fields
    order by company_id nulls first, field`.execute(ctx.tx)
  return rows.map((row) => ({ ...row, definition: fieldDefinition.parse(row.definition) }))
}

/** Companies by how much of them the actor sees: something, or every channel. */
export async function companiesSeen(
  ctx: Pick<Ctx, 'tx' | 'actor'> & Reading,
): Promise<(Company & { whole: boolean; channelIds: number[] })[]> {
  const all = await companies(ctx)
  const under = await channelsOfCompanies(
    ctx,
    all.map(({ id }) => id),
  )
  const { scope } = ctx.actor
  return all.flatMap((company) => {
    const channelIds = under.get(company.id) ?? []
    if (scope === 'group') return [{ ...company, whole: true, channelIds }]
    if ('memberIds' in scope) return []
    const seen = channelIds.filter((id) => scope.channelIds.includes(id))
    return seen.length > 0 ? [{ ...company, whole: seen.length === channelIds.length, channelIds }] : []
  })
}

export async function dictionary(ctx: Ctx): Promise<{ fields: DictionaryEntry[]; companies: Company[] }> {
  const seen = await companiesSeen(ctx)
  const rows = await rowsOf(ctx)
  const isGroup = ctx.actor.scope === 'group'
  const ofProgram = wordFields.map((field) => {
    const row = rows.find((one) => one.companyId === null && one.field === field)
    return entryOf(row ?? standing(field), { company: null, mine: isGroup })
  })
  const own = rows.flatMap((row) => {
    if (!row.field.startsWith('custom.')) return []
    if (row.companyId === null) return [entryOf(row, { company: null, mine: isGroup })]
    const company = seen.find(({ id }) => id === row.companyId)
    return company ? [entryOf(row, { company: company.code, mine: company.whole })] : []
  })
  return {
    fields: [...ofProgram, ...own],
    companies: seen.filter(({ whole }) => whole).map(({ id, code, name }) => ({ id, code, name })),
  }
}

const standing = (field: string): Omit<Row, 'changedAt'> & { changedAt: null } => ({
  companyId: null,
  field,
  definition: describedByProgram(field)!,
  version: 0,
  changedAt: null,
})

function entryOf(
  { field, definition, version, changedAt }: Omit<Row, 'changedAt' | 'companyId'> & { changedAt: Date | null },
  { company, mine }: { company: string | null; mine: boolean },
): DictionaryEntry {
  return {
    ...definition,
    field,
    company,
    fixed: fixedOf(field),
    open: isOpen(field),
    version,
    changedAt: changedAt?.toISOString() ?? null,
    mine,
  }
}

/** What holds for records that come by a channel: the group's fields and those of the channel's company. */
export async function describedFor(ctx: Pick<Ctx, 'tx'> & Reading, channelId: number): Promise<Described[]> {
  const rows = await rowsOf(ctx)
  const companyIds = [...new Set(rows.flatMap(({ companyId }) => companyId ?? []))]
  const under = await channelsOfCompanies(ctx, companyIds)
  const mine = companyIds.find((id) => under.get(id)?.includes(channelId)) ?? null
  const holding = rows.filter(({ companyId }) => companyId === null || companyId === mine)
  return [
    ...wordFields
      .filter((field) => !holding.some((row) => row.companyId === null && row.field === field))
      .map((field) => ({ ...describedByProgram(field)!, field })),
    ...holding.map(({ field, definition }) => ({ ...definition, field })),
  ]
}

export async function lexiconFor(ctx: Pick<Ctx, 'tx'> & Reading, channelId: number): Promise<Lexicon> {
  return new Lexicon(await describedFor(ctx, channelId))
}

/** The field as it is described for the group or a company, and whether the actor may change that. */
export async function fieldOf(
  ctx: Ctx,
  { field, company }: { field: string; company: string | null },
): Promise<DictionaryEntry & { companyId: number | null }> {
  const companyId = await companyIdOf(ctx, company)
  const found = (await dictionary(ctx)).fields.find((one) => one.field === field && one.company === company)
  if (!found) throw fieldUnknown(field)
  return { ...found, companyId }
}

/** Refuses whoever may not change what stands for the group or this company. */
async function companyToChange(ctx: Ctx, field: string, company: string | null): Promise<number | null> {
  if (company === null || !field.startsWith('custom.')) {
    if (ctx.actor.scope !== 'group' || company !== null) throw groupOnly(field)
    return null
  }
  return companyIdOf(ctx, company)
}

async function companyIdOf(ctx: Ctx, company: string | null): Promise<number | null> {
  if (company === null) return null
  const found = (await companiesSeen(ctx)).find(({ code, whole }) => code === company && whole)
  if (!found) throw companyNotYours(company)
  return found.id
}

/** Two who change fields at once do so one after the other; it happens a few times a day. */
const alone = (ctx: Ctx) => sql`lock table dictionary.fields in share row exclusive mode`.execute(ctx.tx)

export async function putField(
  ctx: Ctx,
  {
    field,
    company,
    version,
    ...definition
  }: FieldDefinition & { field: string; company: string | null; version: number | null },
): Promise<DictionaryEntry> {
  const companyId = await companyToChange(ctx, field, company)
  await alone(ctx)
  const rows = await rowsOf(ctx)
  const before = rows.find((row) => row.field === field && row.companyId === companyId)
  if (version !== null && version !== (before?.version ?? 0)) throw changedMeanwhile(field)
  const other = rows.find((row) => row.field === field && row.companyId !== companyId)
  if (other && (companyId === null || other.companyId === null))
    throw keyTaken(field, other.companyId === null ? 'group' : 'company')
  check(field, definition)
  return write(ctx, { field, companyId, company, definition, version: (before?.version ?? 0) + 1 })
}

async function write(
  ctx: Ctx,
  {
    field,
    companyId,
    company,
    definition,
    version,
  }: { field: string; companyId: number | null; company: string | null; definition: FieldDefinition; version: number },
): Promise<DictionaryEntry> {
  await sql`insert into dictionary.fields (company_id, field, definition, version, changed_at, changed_by)
    values (${companyId}, ${field}, ${JSON.stringify(definition)}::jsonb, ${version}, ${ctx.now}, ${actorName(ctx.actor)})
    on conflict on constraint fields_once do update set definition = excluded.definition, version = excluded.version,
      changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(ctx.tx)
  return entryOf({ field, definition, version, changedAt: ctx.now }, { company, mine: true })
}

/** What the program decides by stays, and no spelling means two things. */
function check(field: string, { kind, values, blanks }: FieldDefinition): void {
  if (!field.startsWith('custom.') && kind !== 'choice') throw choiceNeeded(field)
  if (kind !== 'choice' && values.length > 0) throw noList(field, kind)
  const fixed = fixedOf(field)
  const codes = new Set(values.map(({ code }) => code))
  for (const code of fixed) if (!codes.has(code)) throw valueFixed(field, code)
  if (!isOpen(field)) for (const code of codes) if (!fixed.includes(code)) throw listFixed(field, code, fixed)
  const means = new Map<string, string>()
  const claim = (spelling: string, code: string) => {
    const before = means.get(wordOf(spelling))
    if (before !== undefined && before !== code) throw spellingTwice(field, spelling, [before, code])
    means.set(wordOf(spelling), code)
  }
  for (const { code } of values) {
    if (means.has(wordOf(code))) throw spellingTwice(field, code, [means.get(wordOf(code))!, code])
    claim(code, code)
  }
  for (const { code, spellings } of values) for (const spelling of spellings) claim(spelling, code)
  for (const blank of blanks) claim(blank, '–')
}

export async function removeField(
  ctx: Ctx,
  { field, company }: { field: string; company: string | null },
): Promise<void> {
  const companyId = await companyToChange(ctx, field, company)
  const { rows } = await sql`delete from dictionary.fields
    where field = ${field} and company_id is not distinct from ${companyId} returning field`.execute(ctx.tx)
  if (rows.length === 0 && field.startsWith('custom.')) throw fieldUnknown(field)
}

/** Spellings that meant something else until now mean this from now on. */
export async function mapSpellings(
  ctx: Ctx,
  {
    field,
    company,
    spellings,
    value,
    names,
  }: {
    field: string
    company: string | null
    spellings: readonly string[]
    value: string | null
    names?: WordNames | undefined
  },
): Promise<DictionaryEntry> {
  const companyId = await companyToChange(ctx, field, company)
  await alone(ctx)
  const { companyId: _, ...found } = await fieldOf(ctx, { field, company })
  if (found.kind !== 'choice') throw noList(field, found.kind)
  const moved = new Set(spellings.map(wordOf))
  const code = value === null ? null : (new Lexicon([found]).codeOf(field, value) ?? value)
  if (code !== null && !found.open && !found.fixed.includes(code)) throw listFixed(field, code, found.fixed)
  for (const one of found.values)
    if (moved.has(wordOf(one.code)) && one.code !== code && found.fixed.includes(one.code))
      throw valueFixed(field, one.code)
  const rest = (written: readonly string[]) => written.filter((spelling) => !moved.has(wordOf(spelling)))
  const added = [...new Map(spellings.map((spelling) => [wordOf(spelling), spelling])).values()]
  // A value that becomes a spelling of another brings its own spellings along.
  const folded = found.values.filter((one) => one.code !== code && moved.has(wordOf(one.code)))
  const brought = folded.flatMap((one) => [one.code, ...one.spellings])
  const values = found.values
    .filter((one) => !folded.includes(one))
    .map((one) => ({ ...one, spellings: rest(one.spellings) }))
  const own = (spelling: string) => code === null || wordOf(spelling) !== wordOf(code)
  const known = [...new Map([...added, ...brought].filter(own).map((one) => [wordOf(one), one])).values()]
  const target = values.find((one) => one.code === code)
  if (target) target.spellings = [...target.spellings, ...known.filter((one) => !target.spellings.includes(one))]
  else if (code !== null) values.push({ code, names: names ?? { 'zh-CN': code, en: null, ru: null }, spellings: known })
  const blanks = code === null ? [...rest(found.blanks), ...known] : rest(found.blanks)
  const definition = { names: found.names, kind: found.kind, closed: found.closed, values, blanks }
  check(field, definition)
  return write(ctx, { field, companyId, company, definition, version: found.version + 1 })
}

/** How a code is called, for whoever shows records; the code itself where the dictionary has no name. */
export const nameIn = (names: WordNames, language: keyof WordNames): string =>
  names[language] ?? names['zh-CN'] ?? names.en ?? names.ru ?? ''
