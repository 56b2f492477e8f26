/**
 * Completeness and validity, counted in the warehouse from what records say of themselves: it holds a bit for each
 * field that says something, and no value. A member counts once, with what all of their records within the scope say.
 */
import { qualityFields } from '#modules/members'
import type { Warehouse } from '#platform/warehouse'
import { wantedFields } from './contract.ts'

export interface Figures {
  members: number
  filled: Record<string, number>
  wrong: Record<string, number>
}

export type Counted = Figures & { withWrong: number; withAny: number }

type Row = { members: number; withWrong: number; withAny: number; customs: Pairs; wrongs: Pairs } & Record<
  `f${number}`,
  number
>
type Pairs = [string[], number[]]

const bitOf = (field: string) => (qualityFields as readonly string[]).indexOf(field)
const wantedBits = wantedFields.reduce((bits, field) => bits | (1 << bitOf(field)), 0)
const isLacking = `bitAnd(bits, ${wantedBits}) != ${wantedBits}`

const persons = (facts: string, key: string) => `
  select ${key} members_person_id as id, groupBitOr(members_filled_bits) as bits, groupUniqArrayArray(members_filled_custom) as custom,
    groupUniqArrayArray(members_wrong) as wrong
  from ${facts} where members_live group by ${key} members_person_id`

const sums = `count() as members, ${qualityFields.map((_, bit) => `countIf(bitTest(bits, ${bit})) as f${bit}`).join(', ')},
  sumMap(custom, arrayMap(one -> toUInt64(1), custom)) as customs, sumMap(wrong, arrayMap(one -> toUInt64(1), wrong)) as wrongs,
  countIf(notEmpty(wrong)) as withWrong, countIf(notEmpty(wrong) or ${isLacking}) as withAny`

const counted = (row: Row): Counted => ({
  members: row.members,
  withWrong: row.withWrong,
  withAny: row.withAny,
  filled: {
    ...Object.fromEntries(qualityFields.map((field, bit) => [field, row[`f${bit}`]!])),
    ...Object.fromEntries(row.customs[0].map((key, at) => [`custom.${key}`, row.customs[1][at]!])),
  },
  wrong: Object.fromEntries(row.wrongs[0].map((code, at) => [code, row.wrongs[1][at]!])),
})

export async function figuresOf(
  warehouse: Warehouse,
  { facts, params }: { facts: string; params: Record<string, unknown> },
): Promise<Counted> {
  const [row] = await warehouse.query<Row>(`select ${sums} from (${persons(facts, '')})`, params)
  return counted(row!)
}

/** Of each channel (stores that a member belongs to count too), by its id, or of each member of staff who serves. */
export async function figuresBy(
  warehouse: Warehouse,
  { facts, params }: { facts: string; params: Record<string, unknown> },
  by: 'channel' | 'staff' | { companyOf: ReadonlyMap<number, number> },
): Promise<Map<string, Counted>> {
  const channelsOf = 'arrayDistinct(arrayConcat([members_channel_id], members_stores))'
  const key =
    by === 'channel'
      ? `arrayJoin(${channelsOf})`
      : by === 'staff'
        ? 'arrayJoin(members_served_by)'
        : `arrayJoin(arrayDistinct(arrayMap(one -> transform(one, {channelsUnder:Array(Int32)}, {companiesOver:Array(Int32)}, toInt32(0)), ${channelsOf})))`
  const under =
    typeof by === 'object' ? { channelsUnder: [...by.companyOf.keys()], companiesOver: [...by.companyOf.values()] } : {}
  const rows = await warehouse.query<Row & { key: string }>(
    `select toString(key) as key, ${sums} from (${persons(`(select *, ${key} as key from ${facts})`, 'key,')}) group by key`,
    { ...params, ...under },
  )
  return new Map(rows.map((row) => [row.key, counted(row)]))
}

/** What of a member makes a finding; over `bits`, `custom` and `wrong`. Fields and codes go as parameters. */
function meets(finding: string): { where: string; params: Record<string, unknown> } {
  if (finding === 'any') return { where: `(notEmpty(wrong) or ${isLacking})`, params: {} }
  const [kind, field = '', code] = finding.split(':')
  if (kind === 'missing') {
    const bit = bitOf(field)
    return bit >= 0
      ? { where: `not bitTest(bits, ${bit})`, params: {} }
      : { where: 'not has(custom, {custom:String})', params: { custom: field.replace(/^custom\./, '') } }
  }
  return code === undefined
    ? { where: 'arrayExists(one -> startsWith(one, {field:String}), wrong)', params: { field: `${field}:` } }
    : { where: 'has(wrong, {wrongCode:String})', params: { wrongCode: `${field}:${code}` } }
}

/** The persons behind a finding, newest first; whoever names one asks PostgreSQL again. */
export async function personsBehind(
  warehouse: Warehouse,
  { facts, params }: { facts: string; params: Record<string, unknown> },
  { finding, after, limit }: { finding: string; after?: string | undefined; limit: number },
): Promise<string[]> {
  const { where, params: wanted } = meets(finding)
  const rows = await warehouse.query<{ person: string }>(
    // As text, because the warehouse compares the second half of an id first.
    `select toString(id) as person from (${persons(facts, '')}) where ${where} ${after ? 'and person < {after:String}' : ''}
     order by person desc limit ${Math.trunc(limit)}`,
    { ...params, ...wanted, ...(after ? { after } : {}) },
  )
  return rows.map(({ person }) => person)
}
