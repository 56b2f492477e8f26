/**
 * The tree of the group: companies and their stores. A store is a channel of the kind `store`, so that whoever came by
 * it is known to have come to that store; the tree adds its city and its company. Told again by the same codes it is
 * renamed and moved, never doubled.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { channels, openChannels, renameChannels } from '#modules/channels'
import { type Ctx, seesChannel } from '#platform/ctx'
import { arrayOf } from '#platform/rows'
import type { differences, outcomes, treeRow } from './contract.ts'
import { type RowMistake, rowsWrong } from './errors.ts'
import { companies } from './places.ts'

export type TreeRow = z.output<typeof treeRow>
type StoreRow = Extract<TreeRow, { kind: 'store' }>
type Outcome = (typeof outcomes)[number]

export interface Difference {
  kind: TreeRow['kind']
  code: string
  outcome: (typeof differences)[number]
  changed: ('name' | 'city' | 'company')[]
  /** As it stands; of a store that is in no company the name only. */
  before: { name: string; city: string | null; company: string | null } | null
}

export interface Tree {
  companies: { code: string; name: string; stores: { code: string; name: string; city: string }[] }[]
  storesWithoutCompany: { code: string; name: string }[]
}

/** As far as the actor sees it: stores in scope, and the companies over them. */
export async function tree(ctx: Pick<Ctx, 'tx' | 'actor'>): Promise<Tree> {
  const { scope } = ctx.actor
  const stores = (await channels(ctx)).filter(({ id, kind }) => kind === 'store' && seesChannel(scope, id))
  const placed = new Map((await places(ctx)).map((place) => [place.channelId, place]))
  const over = new Set(stores.map(({ id }) => placed.get(id)?.companyId))
  const seen = (await companies(ctx)).filter(({ id }) => scope === 'group' || over.has(id))
  return {
    companies: seen.map(({ id, code, name }) => ({
      code,
      name,
      stores: stores
        .filter((store) => placed.get(store.id)?.companyId === id)
        .map((store) => ({ code: store.code, name: store.name, city: placed.get(store.id)!.city })),
    })),
    storesWithoutCompany: stores.filter(({ id }) => !placed.has(id)).map(({ code, name }) => ({ code, name })),
  }
}

/**
 * Tells companies and stores by their codes, all of them or none. Stores open their channel. Answers in the order of
 * the rows.
 *
 * @throws Refusal organisation.rows_wrong with each row that can't be taken, its field and why
 */
export async function putTree(
  ctx: Ctx,
  rows: readonly TreeRow[],
): Promise<{ kind: TreeRow['kind']; code: string; outcome: Outcome }[]> {
  // Trees are few and told seldom: whoever tells one waits for whoever is telling another.
  await sql`lock table organisation.companies, organisation.stores in share row exclusive mode`.execute(ctx.tx)
  const channelOfCode = new Map((await channels(ctx)).map((channel) => [channel.code, channel]))
  const companyOfCode = new Map((await companies(ctx)).map((company) => [company.code, company]))
  const mistakes = mistakesOf(rows, {
    companies: companyOfCode,
    kinds: new Map([...channelOfCode.values()].map(({ code, kind }) => [code, kind])),
  })
  if (mistakes.length > 0) throw rowsWrong(mistakes)

  const companyRows = rows.filter(({ kind }) => kind === 'company')
  const storeRows = rows.filter((row) => row.kind === 'store')
  const placeOfChannel = new Map((await places(ctx)).map((place) => [place.channelId, place]))
  await writeCompanies(ctx, companyRows)
  const idOfCompany = new Map((await companies(ctx)).map(({ id, code }) => [code, id]))
  await openChannels(
    ctx,
    storeRows.map(({ code, name }) => ({ code, kind: 'store', name })),
  )
  await renameChannels(ctx, storeRows)
  const idOfChannel = new Map((await channels(ctx)).map(({ id, code }) => [code, id]))
  const stores = storeRows.map((row) => ({
    channelId: idOfChannel.get(row.code)!,
    companyId: idOfCompany.get(row.company)!,
    city: row.city,
  }))
  await noteMoves(
    ctx,
    stores.flatMap(({ channelId, companyId }) => {
      const before = placeOfChannel.get(channelId)
      return before && before.companyId !== companyId ? [before] : []
    }),
  )
  await writeStores(ctx, stores)

  const outcomeOf = (row: TreeRow): Outcome => {
    if (row.kind === 'company') {
      const before = companyOfCode.get(row.code)
      return !before ? 'created' : before.name === row.name ? 'unchanged' : 'updated'
    }
    const before = placeOfChannel.get(idOfChannel.get(row.code)!)
    if (!before) return 'created'
    const same =
      channelOfCode.get(row.code)!.name === row.name &&
      before.city === row.city &&
      before.companyId === idOfCompany.get(row.company)
    return same ? 'unchanged' : 'updated'
  }
  return rows.map((row) => ({ kind: row.kind, code: row.code, outcome: outcomeOf(row) }))
}

/** What `putTree` would do with the rows, in their order, or why it would refuse them. Nothing is written. */
export async function compareTree(
  ctx: Ctx,
  rows: readonly TreeRow[],
): Promise<{ differences: Difference[]; mistakes: RowMistake[] }> {
  const { companies: known, storesWithoutCompany } = await tree(ctx)
  const company = new Map(known.map(({ code, name }) => [code, name]))
  const placed = new Map(
    known.flatMap((one) =>
      one.stores.map(({ code, name, city }) => [code, { name, city, company: one.code }] as const),
    ),
  )
  const unplaced = new Map(storesWithoutCompany.map(({ code, name }) => [code, name]))
  const differenceOf = (row: TreeRow): Pick<Difference, 'outcome' | 'changed' | 'before'> => {
    if (row.kind === 'company') {
      const name = company.get(row.code)
      if (name === undefined) return { outcome: 'new', changed: [], before: null }
      return { ...changeOf(name === row.name ? [] : ['name']), before: { name, city: null, company: null } }
    }
    const before = placed.get(row.code)
    if (before)
      return { ...changeOf((['name', 'city', 'company'] as const).filter((of) => before[of] !== row[of])), before }
    const name = unplaced.get(row.code)
    return { outcome: 'new', changed: [], before: name === undefined ? null : { name, city: null, company: null } }
  }
  return {
    differences: rows.map((row) => ({ kind: row.kind, code: row.code, ...differenceOf(row) })),
    mistakes: mistakesOf(rows, {
      companies: company,
      kinds: new Map((await channels(ctx)).map(({ code, kind }) => [code, kind])),
    }),
  }
}

const changeOf = (changed: Difference['changed']) => ({
  outcome: changed.length === 0 ? ('same' as const) : ('changed' as const),
  changed,
})

/**
 * Takes stores out of the tree, and those of the companies that have no store left. Their channels stay, with whoever
 * came by them.
 */
export async function removeFromTree(
  ctx: Ctx,
  { companies: companyCodes, stores: storeCodes }: { companies: readonly string[]; stores: readonly string[] },
): Promise<void> {
  const ids = (await channels(ctx)).filter(({ code }) => storeCodes.includes(code)).map(({ id }) => id)
  await sql`delete from organisation.stores where channel_id = any(${arrayOf('int', ids)})`.execute(ctx.tx)
  await sql`delete from organisation.companies c where code = any(${arrayOf('text', companyCodes)})
    and not exists (select from organisation.stores s where s.company_id = c.id)`.execute(ctx.tx)
}

interface Place {
  channelId: number
  companyId: number
  city: string
}

async function places(ctx: Pick<Ctx, 'tx'>): Promise<Place[]> {
  const { rows } = await sql<Place>`
    select channel_id as "channelId", company_id as "companyId", city from organisation.stores`.execute(ctx.tx)
  return rows
}

function mistakesOf(
  rows: readonly TreeRow[],
  known: { companies: ReadonlyMap<string, unknown>; kinds: ReadonlyMap<string, string> },
): RowMistake[] {
  const told = new Map<string, number>()
  const toldCompanies = new Set(rows.filter(({ kind }) => kind === 'company').map(({ code }) => code))
  const mistakes: RowMistake[] = []
  for (const [index, row] of rows.entries()) {
    const say = (field: RowMistake['field'], code: RowMistake['code'], value: string, message: string) =>
      mistakes.push({ row: index + 1, field, code, value, message })
    const itself = `${row.kind} ${row.code}`
    const first = told.get(itself)
    if (first !== undefined)
      say('code', 'told_twice', row.code, `the ${itself} is told in row ${first} already. Keep one of the two rows.`)
    else told.set(itself, index + 1)
    if (row.kind !== 'store') continue
    const kind = known.kinds.get(row.code) ?? 'store'
    if (kind !== 'store')
      say(
        'code',
        'other_kind',
        row.code,
        `${row.code} is a channel of the kind ${kind} already. Give the store another code.`,
      )
    if (!known.companies.has(row.company) && !toldCompanies.has(row.company))
      say(
        'company',
        'company_unknown',
        row.company,
        `there is no company ${row.company}. Add a row for the company, or correct its code.`,
      )
  }
  return mistakes
}

async function writeCompanies(ctx: Ctx, rows: readonly TreeRow[]): Promise<void> {
  await sql`insert into organisation.companies (code, name, created_at)
    select code, name, ${ctx.now} from unnest(${arrayOf(
      'text',
      rows.map(({ code }) => code),
    )}, ${arrayOf(
      'text',
      rows.map(({ name }) => name),
    )}) as u(code, name)
    on conflict (code) do update set name = excluded.name where companies.name <> excluded.name`.execute(ctx.tx)
}

/** Where stores stood until now, for whoever asks later to which company an old day belongs. */
async function noteMoves(ctx: Ctx, left: readonly Place[]): Promise<void> {
  await sql`insert into organisation.store_moves (channel_id, company_id, until)
    select channel, company, ${ctx.now} from unnest(${arrayOf(
      'int',
      left.map(({ channelId }) => channelId),
    )}, ${arrayOf(
      'int',
      left.map(({ companyId }) => companyId),
    )}) as u(channel, company) on conflict do nothing`.execute(ctx.tx)
}

async function writeStores(ctx: Ctx, stores: readonly (Place & Pick<StoreRow, 'city'>)[]): Promise<void> {
  await sql`insert into organisation.stores (channel_id, company_id, city, created_at)
    select channel, company, city, ${ctx.now} from unnest(${arrayOf(
      'int',
      stores.map(({ channelId }) => channelId),
    )}, ${arrayOf(
      'int',
      stores.map(({ companyId }) => companyId),
    )}, ${arrayOf(
      'text',
      stores.map(({ city }) => city),
    )}) as u(channel, company, city)
    on conflict (channel_id) do update set company_id = excluded.company_id, city = excluded.city`.execute(ctx.tx)
}
