/** Runs the whole of matching over written people in this thread and without a database, and says how well it did. */
import { createSecretKey } from 'node:crypto'
import { cleanRecord, type SealedRecord } from '#modules/members'
import { newId } from '#platform/ids'
import { vaultOf } from '#platform/vault'
import { arenaOf } from './arena.ts'
import { type Ground, Lane } from './lane.ts'
import type { WrittenPerson } from './people.testing.ts'
import { frequencies } from './scoring.ts'

const key = (byte: number) => createSecretKey(Buffer.alloc(32, byte))
const vault = vaultOf({ master: key(1), former: [], blind: key(2), staging: key(3), audit: key(4) })
const bytesOf = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex')

export interface Quality {
  precision: number
  recall: number
  f1: number
  joins: number
  reviews: number
}

async function* sealed(people: readonly WrittenPerson[], homes: readonly string[]): AsyncGenerator<SealedRecord[]> {
  for (const [index, { raw }] of people.entries()) {
    const { values } = cleanRecord(raw, { country: 'AU', today: '2026-11-21', timeZone: 'Asia/Shanghai' })
    const { key: home, wrapped } = vault.newHomeKey()
    const id = homes[index]!
    yield [
      {
        home: bytesOf(id),
        person: bytesOf(id),
        label: bytesOf(vault.blind('record', raw.externalId!)),
        wrappedKey: wrapped,
        sealed: vault.seal(home, `record:${id}`, values),
        fresh: true,
      },
    ]
  }
}

/** Groups of indexes that matching makes of them, and of how many it would ask. */
export async function grouped(
  people: readonly WrittenPerson[],
): Promise<{ groups: number[][]; joins: number; reviews: number }> {
  const records = people.length
  const ground: Ground = {
    arena: arenaOf(records),
    frequencies: frequencies(),
    homes: new Uint8Array(records * 16),
    persons: new Int32Array(records * 2),
    labels: new Uint32Array(records * 2),
    fresh: new Uint8Array(records),
  }
  const lane = new Lane(ground, { lane: 0, lanes: 1, first: 0, room: records, records }, { k0: 11, k1: 12 })
  const homes = people.map(() => newId())
  await lane.read(vault, sealed(people, homes))
  const pairs = lane.block()
  lane.settle()
  const { candidates, random, weight } = lane.sample(pairs, 7)
  const model = lane.learn({ records, candidates, candidateWeight: weight, random }, { joined: [], apart: [] })
  const { found } = lane.score(model)
  const { joins, reviews } = lane.cluster(model, [found], { precision: 0.999, join: null, review: null }, [])
  const at = new Map(homes.map((home, index) => [home, index]))
  const groupOf = people.map((_, index) => [index])
  for (const { a, b } of joins) {
    const [one, other] = [groupOf[at.get(a)!]!, groupOf[at.get(b)!]!]
    if (one === other) continue
    one.push(...other)
    for (const index of other) groupOf[index] = one
  }
  return { groups: [...new Set(groupOf)], joins: joins.length, reviews: reviews.length }
}

/** Of all pairs of records: how many that were put together belong together, and the other way round. */
export async function qualityOf(people: readonly WrittenPerson[]): Promise<Quality> {
  const { groups, joins, reviews } = await grouped(people)
  const pairs = (count: number) => (count * (count - 1)) / 2
  const personsIn = (indexes: readonly number[]) => Map.groupBy(indexes, (index) => people[index]!.person).values()
  const right = groups.flatMap((group) => [...personsIn(group)]).reduce((sum, same) => sum + pairs(same.length), 0)
  const put = groups.reduce((sum, group) => sum + pairs(group.length), 0)
  const wanted = [...personsIn(people.map((_, index) => index))].reduce((sum, same) => sum + pairs(same.length), 0)
  const [precision, recall] = [put === 0 ? 1 : right / put, right / wanted]
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall), joins, reviews }
}
