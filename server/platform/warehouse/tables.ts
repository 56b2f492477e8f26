/**
 * The tables of the warehouse: `events` as they are, `facts` with one row a home, and the readings `persons` and
 * `homes` of it. Every table holds the newest copy of a row that was written twice, so writing at least once is enough.
 *
 * A table's comment says whether it holds the whole history (`complete`) or only what came since it was made or given
 * new columns (`incomplete`); the feed asks for a rebuild then.
 */
import { assert } from '#platform/errors'
import type { FactColumn, Facts, Warehouse } from '#platform/warehouse'

export interface ModuleFacts {
  readonly module: string
  readonly facts: Facts
}

export interface Shape {
  readonly modules: readonly ModuleFacts[]
  /** `<module>_<column>` in the order of the modules. */
  readonly columns: ReadonlyMap<string, FactColumn>
  /** The column that names the person. */
  readonly person: string
  /** The module that knows every home. */
  readonly homes: ModuleFacts
}

export type Tables = Readonly<Record<'events' | 'facts', string>>
export const tables: Tables = { events: 'events', facts: 'facts' }
/** Where a rebuild puts its rows until they take the place of the others. */
export const tablesInBuilding: Tables = { events: 'events_building', facts: 'facts_building' }

const name = /^[a-z][a-z0-9_]*$/

export function shapeOf(modules: readonly ModuleFacts[]): Shape {
  const columns = new Map<string, FactColumn>()
  for (const { module, facts } of modules) {
    for (const [column, declared] of Object.entries(facts.columns)) {
      const full = `${module}_${column}`
      assert(name.test(full), `a column of the warehouse named ${full}`)
      assert(!columns.has(full), `two columns of the warehouse named ${full}`)
      columns.set(full, declared)
    }
  }
  const persons = [...columns].filter(([, { combine }]) => combine === 'person').map(([column]) => column)
  const [person] = persons
  assert(person !== undefined && persons.length === 1, `one column names the person, not ${persons.length}`)
  const homes = modules.find(({ module, facts }) => facts.everyHome && person.startsWith(`${module}_`))
  assert(homes, `the module of ${person} knows every home`)
  return { modules, columns, person, homes }
}

const eventColumns = `
  generation UInt32, xid UInt64, id UUID, type LowCardinality(String), member_id Nullable(UUID),
  record_id Nullable(UUID), actor LowCardinality(String), cause Nullable(UUID), depth UInt8,
  origin LowCardinality(String), event_at DateTime64(3, 'UTC'), created_at DateTime64(3, 'UTC'), payload String`

/**
 * Inserts are flushed to the disk, because the cursor that says they are done survives a loss of power too. Merged
 * parts needn't be: ClickHouse keeps what they were made of for minutes.
 */
const durable = 'fsync_after_insert = 1, fsync_part_directory = 1'

/** In a database of engine Replicated, which is how a cluster copies its tables, so must the tables be. */
async function replicating(warehouse: Warehouse): Promise<'Replicated' | ''> {
  const [database] = await warehouse.query<{ engine: string }>(
    'select engine from system.databases where name = currentDatabase()',
  )
  return database?.engine === 'Replicated' ? 'Replicated' : ''
}

function createEvents(table: string, replicated: string, comment: string): string {
  return `create table if not exists ${table} (${eventColumns})
    engine = ${replicated}ReplacingMergeTree partition by toYYYYMM(created_at) order by (type, event_at, id)
    settings non_replicated_deduplication_window = 100, ${durable} comment '${comment}'`
}

function createFacts(table: string, shape: Shape, replicated: string, comment: string): string {
  const columns = [...shape.columns].map(([column, { type }]) => `${column} ${type}`)
  return `create table if not exists ${table} (member_id UUID, version UInt64, is_deleted UInt8, ${columns.join(', ')})
    engine = ${replicated}ReplacingMergeTree(version, is_deleted) order by member_id
    settings ${durable} comment '${comment}'`
}

/** Makes what is missing: tables, columns of new facts, readings. Says whether the tables hold the whole history. */
export async function prepareTables(warehouse: Warehouse, shape: Shape): Promise<{ complete: boolean }> {
  const replicated = await replicating(warehouse)
  await warehouse.command(createEvents(tables.events, replicated, 'incomplete'))
  await warehouse.command(createFacts(tables.facts, shape, replicated, 'incomplete'))
  await addNewColumns(warehouse, shape)
  await warehouse.command(`create or replace view persons as ${personsOf(shape)}`)
  await warehouse.command(
    `create or replace view homes as select f.member_id, f.${shape.person} as person_id from facts as f final`,
  )
  const [incomplete] = await warehouse.query<{ tables: number }>(
    `select count() as tables from system.tables
     where database = currentDatabase() and name in ('events', 'facts') and comment != 'complete'`,
  )
  return { complete: incomplete!.tables === 0 }
}

async function addNewColumns(warehouse: Warehouse, shape: Shape): Promise<void> {
  const standing = await warehouse.query<{ name: string; type: string }>(
    `select name, type from system.columns where database = currentDatabase() and table = 'facts'`,
  )
  const typeOf = new Map(standing.map(({ name, type }) => [name, type]))
  const changes: string[] = []
  for (const [column, { type }] of shape.columns) {
    if (typeOf.get(column) === type) continue
    // Of another type than before: its values come anew with the rebuild.
    if (typeOf.has(column)) changes.push(`drop column ${column}`)
    changes.push(`add column if not exists ${column} ${type}`)
  }
  if (changes.length === 0) return
  // Marked first: stopped in between, the next start asks for the rebuild all the same.
  await markFacts(warehouse, 'incomplete')
  for (const change of changes) await warehouse.command(`alter table facts ${change}`)
}

async function markFacts(warehouse: Warehouse, comment: 'complete' | 'incomplete'): Promise<void> {
  await warehouse.command(`alter table facts modify comment '${comment}'`)
}

/** Says of tables that are fed from the first event on that nothing is missing in them. */
export async function markComplete(warehouse: Warehouse): Promise<void> {
  await warehouse.command(`alter table events modify comment 'complete'`)
  await markFacts(warehouse, 'complete')
}

/** Empty tables beside those in use. */
export async function beginBuilding(warehouse: Warehouse, shape: Shape): Promise<void> {
  const replicated = await replicating(warehouse)
  await dropBuilding(warehouse)
  await warehouse.command(createEvents(tablesInBuilding.events, replicated, 'complete'))
  await warehouse.command(createFacts(tablesInBuilding.facts, shape, replicated, 'complete'))
}

/** Each table changes places in one moment; stopped between the two, both are still what their comments say. */
export async function useBuilt(warehouse: Warehouse): Promise<void> {
  await warehouse.command(`exchange tables ${tables.events} and ${tablesInBuilding.events}`)
  await warehouse.command(`exchange tables ${tables.facts} and ${tablesInBuilding.facts}`)
}

export async function dropBuilding(warehouse: Warehouse): Promise<void> {
  for (const table of Object.values(tablesInBuilding)) await warehouse.command(`drop table if exists ${table} sync`)
}

function personsOf(shape: Shape): string {
  const columns = [`f.${shape.person} as person_id`, 'count() as homes']
  for (const [column, declared] of shape.columns) {
    if (declared.combine !== 'person') columns.push(`${combine(column, declared, shape.person)} as ${column}`)
  }
  return `select ${columns.join(', ')} from facts as f final group by f.${shape.person}`
}

function combine(column: string, { type, combine }: FactColumn, person: string): string {
  switch (combine) {
    case 'own':
      return `anyIf(f.${column}, f.member_id = f.${person})`
    case 'union':
      if (type.startsWith('Array')) return `arraySort(groupUniqArrayArray(f.${column}))`
      // A home that has no such text has an empty one.
      if (type.endsWith('String)') || type === 'String')
        return `arraySort(groupUniqArrayIf(f.${column}, f.${column} != ''))`
      return `arraySort(groupUniqArray(f.${column}))`
    default:
      return `${combine}(f.${column})`
  }
}
