import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { describe } from 'vitest'
import { test as base, expect } from '#app/testing'
import { looksAt } from '#modules/audit'
import { homesOf, join as joinMembers } from '#modules/members'
import { type AuditEntry, backupRestored, record } from '#platform/audit'
import { kindOf, operationOf } from '#platform/audit/asking'
import { type AuditCheck, checkAudit, keepCheck, lastCheck } from '#platform/audit/checking'
import { auditEntries } from '#platform/audit/reading'
import { refusalLimit } from '#platform/audit/refusals'
import { endFile, forgetEnd, sealAudit } from '#platform/audit/sealing'
import { stoppedClock } from '#platform/clock'
import type { House } from '#platform/house'
import { openLog } from '#platform/log'
import { openReactions } from '#platform/reactions'
import { audit as en } from '../../web/console/texts/en/audit.ts'
import { audit as ru } from '../../web/console/texts/ru/audit.ts'
import { audit as zh } from '../../web/console/texts/zh/audit.ts'
import { moveReveals } from '../modules/members/reveals.ts'
import { buildServer, served } from './server.ts'

type Ask = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
) => Promise<{ statusCode: number; body: string; json(): never }>

interface Desk {
  house: House
  server: FastifyInstance
  /** As a key of a role. */
  as(role: string): Promise<Ask>
  entries(filter?: Parameters<typeof auditEntries>[1]): Promise<AuditEntry[]>
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({ db, given }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-audit-'))
    const house = {
      db,
      folder,
      publicUrl: 'http://localhost:3000',
      log: openLog('silent'),
      stopping: new AbortController().signal,
      reactions: openReactions(db, []),
      warehouse: { ping: async () => true },
    } as unknown as House
    const server = await buildServer(house, { via: 'port' })
    await use({
      house,
      server,
      as: async (role) => {
        const { key } = await given.key(role)
        const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }
        return (method, url, payload) =>
          server.inject({ method, url: `/api${url}`, headers, ...(payload ? { payload } : {}) }) as never
      },
      entries: (filter = {}) => db.act((ctx) => auditEntries(ctx, filter, { limit: 1000 })),
    })
    await server.close()
    await rm(folder, { recursive: true, force: true })
  },
})

const anyId = '01900000-0000-7000-8000-000000000001'

describe('every request that changes something', () => {
  test('leaves one entry: who, by which right, from where, about whom, which fields; and no value', async ({
    desk,
  }) => {
    const ask = await desk.as('administrator')
    await ask('POST', '/channels', { code: 'store-a', kind: 'store', name: '春熙路店' })
    const told = { externalId: 'A1', name: '林晚晴', phone: '138 0806 6721', custom: { 生日礼物: '茶' } }
    const put = await ask('POST', '/records', { channel: 'store-a', record: told })
    expect(put.statusCode).toBe(200)
    const [entry, opened] = await desk.entries()
    expect(entry).toMatchObject({
      act: 'postRecords',
      kind: 'change',
      refusal: null,
      permission: 'members.write',
      address: '198.51.100.7',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      actor: expect.stringMatching(/^key:/),
      fields: ['channel', 'record.externalId', 'record.name', 'record.phone', 'record.custom'],
    })
    expect(opened).toMatchObject({ act: 'postChannels', ids: { code: 'store-a', kind: 'store' }, fields: ['name'] })
    expect(JSON.stringify(await desk.entries())).not.toMatch(/林晚晴|6721|春熙路|生日|茶/)

    const memberId = (put.json() as { memberId: string }).memberId
    await ask('POST', `/members/${memberId}/points-adjustments`, {
      points: 50,
      reason: '客户 138 0806 6721 来电补记',
      id: anyId,
    })
    expect((await desk.entries())[0]).toMatchObject({
      act: 'postMembersMemberIdPointsAdjustments',
      members: [memberId],
      ids: { memberId, id: anyId },
      fields: ['points'],
      reason: '客户 <number> 来电补记',
    })
  })

  test('leaves none when it is refused for its content, and reading leaves none', async ({ desk, given }) => {
    const { id } = await given.member()
    const ask = await desk.as('administrator')
    const before = (await desk.entries()).length
    expect((await ask('POST', `/members/${id}/joinings`, { otherId: id, reason: 'same' })).statusCode).toBe(409)
    expect((await ask('POST', '/channels', { code: 'no good!', kind: 'store' })).statusCode).toBe(400)
    for (const url of ['/session', '/group', `/members/${id}/points`, '/channels'])
      expect((await ask('GET', url)).statusCode).toBe(200)
    expect(await desk.entries()).toHaveLength(before)
  })

  test('counts rows instead of an entry for each', async ({ desk }) => {
    const ask = await desk.as('administrator')
    const rows = Array.from({ length: 300 }, (_, index) => ({ kind: 'company', code: `c${index}`, name: '公司' }))
    expect((await ask('PUT', '/organisation/tree', { rows })).statusCode).toBe(200)
    expect(await desk.entries({ act: 'putOrganisationTree' })).toMatchObject([{ details: { rows: 300 } }])
  })

  test('goes with its act: where the act is taken back, there is no entry', async ({ desk, db }) => {
    await expect(
      db.act(async (ctx) => {
        await record(ctx, { act: 'postOrders' })
        throw new Error('the till is out of paper')
      }),
    ).rejects.toThrow('paper')
    expect(await desk.entries()).toEqual([])
  })
})

describe('looking and taking along', () => {
  test('a look at a masked value is told with its reason, whatever home it was at', async ({ desk, db, given }) => {
    const other = await given.channel('store-b')
    const a = await given.record({
      externalId: 'A1',
      name: '林晚晴',
      phone: '13808066721',
      documentNumber: 'E12345678',
    })
    const b = await given.record({ externalId: 'B1', name: '林晚晴', email: 'lin@example.com' }, { of: other })
    const ask = await desk.as('marketer')
    const look = (memberId: string, recordId: string, field: string) =>
      ask('POST', `/members/${memberId}/reveals`, { recordId, field, reason: '客户来电核对' })
    expect((await look(a.id, a.id, 'phone')).json()).toEqual({ value: '+8613808066721' })
    expect((await look(b.id, b.id, 'email')).json()).toEqual({ value: 'lin@example.com' })
    await db.act((ctx) => joinMembers(ctx, { memberId: a.id, otherId: b.id, reason: '同一人' }))
    const homes = await db.act((ctx) => homesOf(ctx, b.id))
    expect((await db.act((ctx) => looksAt(ctx, homes))).map(({ field, reason }) => [field, reason])).toEqual([
      ['email', '客户来电核对'],
      ['phone', '客户来电核对'],
    ])
    const { looks } = (await ask('GET', `/members/${b.id}/looks`)).json() as { looks: unknown[] }
    expect(looks).toMatchObject([
      { field: 'email', who: { kind: 'key', name: 'script' } },
      { field: 'phone', recordId: a.id },
    ])
    expect(JSON.stringify(await desk.entries())).not.toMatch(/8066721|example\.com/)
    // A look at somebody else's record shows nothing and is none.
    const stranger = await given.member()
    expect((await look(stranger.id, a.id, 'phone')).statusCode).toBe(409)
    expect(await db.act((ctx) => looksAt(ctx, [stranger.id]))).toEqual([])
  })

  test('looks of before the log move into it once', async ({ desk, db, given }) => {
    const { id } = await given.member()
    await sql`insert into members.reveals (member_id, id, field, reason, actor, shown_at)
      values (${id}, ${anyId}, 'phone', '出票', ${`staff:${anyId}`}, '2026-03-01T10:00:00Z')`.execute(db.kysely)
    for (const _ of [1, 2]) await moveReveals(desk.house)
    expect(await db.act((ctx) => looksAt(ctx, [id]))).toEqual([
      expect.objectContaining({
        at: new Date('2026-03-01T10:00:00Z'),
        actor: `staff:${anyId}`,
        field: 'phone',
        reason: '出票',
      }),
    ])
  })

  test('an export of records says how many, a file of errors and a backup that they were taken', async ({
    desk,
    given,
  }) => {
    await given.member()
    await given.member()
    const ask = await desk.as('administrator')
    expect((await ask('GET', '/records?limit=10')).statusCode).toBe(200)
    expect((await ask('GET', '/backup')).statusCode).toBe(200)
    expect(await desk.entries({ kind: 'export' })).toMatchObject([
      { act: 'getBackup', permission: 'operations.run' },
      { act: 'getRecords', details: { records: 2 }, fields: ['limit'] },
    ])
  })
})

describe('coming in', () => {
  test('is told of staff with who it was, and of whoever failed with where from', async ({ desk, given }) => {
    const token = await given.link()
    const sign = (text: string) =>
      desk.server.inject({
        method: 'POST',
        url: '/api/sessions',
        payload: { token: text },
        remoteAddress: '192.0.2.44',
      })
    expect((await sign(token)).statusCode).toBe(200)
    expect((await sign(token)).statusCode).toBe(401)
    const [failed, came] = await desk.entries({ kind: 'session' })
    expect(came).toMatchObject({
      act: 'postSessions',
      actor: expect.stringMatching(/^staff:[0-9a-f-]{36}$/),
      refusal: null,
    })
    expect(failed).toMatchObject({ actor: 'system:anyone', refusal: 'access.link_spent', address: '192.0.2.44' })
    expect(JSON.stringify([failed, came])).not.toContain(token)
  })

  test('an address that is none is not believed', async ({ desk }) => {
    await desk.server.inject({
      method: 'POST',
      url: '/api/sessions',
      payload: { token: 'x'.repeat(30) },
      headers: { 'x-forwarded-for': "'; drop table" },
    })
    expect(await desk.entries()).toMatchObject([{ address: '127.0.0.1' }])
  })
})

describe('what somebody may not', () => {
  test('is told too, at most twenty times in ten minutes, and then how often it was left out', async ({ desk, db }) => {
    const clock = stoppedClock('2026-11-22T08:00:00Z')
    db.clock.now = clock.now
    const ask = await desk.as('quality')
    for (let times = 0; times < 30; times++) expect((await ask('DELETE', `/api-keys/${anyId}`)).statusCode).toBe(403)
    const refused = await desk.entries({ refused: true })
    expect(refused).toHaveLength(20)
    expect(refused[0]).toMatchObject({
      act: 'deleteApiKeysKeyId',
      refusal: 'access.not_permitted',
      permission: 'access.keys',
      ids: { keyId: anyId },
      details: {},
    })
    clock.add(11 * 60_000)
    await ask('DELETE', `/api-keys/${anyId}`)
    expect((await desk.entries({ refused: true }))[0]!.details).toEqual({ leftOut: 10 })
  })

  test('of all callers together is limited as well, however many there are', () => {
    const limit = refusalLimit()
    const admitted = Array.from({ length: 30_000 }, (_, index) => limit.admit(`caller ${index}`, 1_000_000))
    expect(admitted.filter((left) => left !== null)).toHaveLength(600)
  })

  test('a path of anything is no harm', async ({ desk }) => {
    const ask = await desk.as('quality')
    expect(
      (await ask('PUT', `/channels/${encodeURIComponent('a\0b 13808066721')}/name`, { name: 'x' })).statusCode,
    ).toBe(403)
    expect((await desk.entries())[0]!.ids).toEqual({ code: 'ab <number>' })
  })
})

describe('the seal', () => {
  const write = (desk: Desk, act: string, count = 1) =>
    desk.house.db.kysely &&
    (desk.house.db as unknown as { act: <T>(what: (ctx: never) => Promise<T>) => Promise<T> }).act(async (ctx) => {
      for (let times = 0; times < count; times++) await record(ctx, { act })
    })
  const check = (desk: Desk): Promise<AuditCheck> =>
    (desk.house.db as unknown as { act: <T>(what: (ctx: never) => Promise<T>) => Promise<T> }).act((ctx) =>
      checkAudit(ctx, desk.house.folder),
    )
  const named = async (desk: Desk) => (await check(desk)).broken.map(({ invariant, ids }) => [invariant, ...ids])
  const idsOf = async (desk: Desk) => {
    const { rows } = await sql<{
      id: string
    }>`select id from platform.audit_entries order by generation, xid, id`.execute(desk.house.db.kysely)
    return rows.map(({ id }) => id)
  }
  const run = (desk: Desk, text: string) => sql.raw(text).execute(desk.house.db.kysely)

  /** Four entries in three transactions, in two batches; then one that is not sealed. */
  const filled = async (desk: Desk) => {
    await write(desk, 'one')
    await write(desk, 'two', 2)
    expect(await sealAudit(desk.house)).toBe(3)
    await write(desk, 'three')
    expect(await sealAudit(desk.house)).toBe(1)
    await write(desk, 'four')
    return await idsOf(desk)
  }

  test('finds all in order', async ({ desk }) => {
    await filled(desk)
    expect(await check(desk)).toMatchObject({ batches: 2, entries: 5, broken: [] })
    expect(await sealAudit(desk.house)).toBe(1)
    expect(await sealAudit(desk.house)).toBe(0)
    expect(await check(desk)).toMatchObject({ batches: 3, entries: 5, broken: [] })
  })

  test('takes what is complete only: an act that is still going on comes later, in its place', async ({ desk, db }) => {
    let go = () => {}
    const waiting = new Promise<void>((resolve) => {
      go = resolve
    })
    let begun = () => {}
    const wrote = new Promise<void>((resolve) => {
      begun = resolve
    })
    const slow = db.act(async (ctx) => {
      await record(ctx, { act: 'slow' })
      begun()
      await waiting
    })
    await wrote
    await write(desk, 'quick')
    const sealed = await sealAudit(desk.house)
    go()
    await slow
    expect(sealed).toBe(0)
    expect(await sealAudit(desk.house)).toBe(2)
    expect((await check(desk)).broken).toEqual([])
  })

  test('is made by one at a time, and each entry is in one batch', async ({ desk }) => {
    await write(desk, 'much', 2_500)
    await Promise.all([1, 2, 3].map(() => sealAudit(desk.house)))
    await sealAudit(desk.house)
    expect(await check(desk)).toMatchObject({ batches: 3, entries: 2_500, broken: [] })
  })

  test.for<[string, (ids: string[]) => string, (ids: string[]) => string[][]]>([
    [
      'an actor that was changed',
      ([one]) => `update platform.audit_entries set actor = 'staff:other' where id = '${one}'`,
      ([one]) => [['audit.entry_changed', one!]],
    ],
    [
      'a time',
      ([one]) => `update platform.audit_entries set at = at - interval '1 day' where id = '${one}'`,
      ([one]) => [['audit.entry_changed', one!]],
    ],
    [
      'a reason that was emptied',
      ([, two]) => `update platform.audit_entries set reason = 'x' where id = '${two}'`,
      ([, two]) => [['audit.entry_changed', two!]],
    ],
    [
      'one that is not sealed yet',
      (ids) => `update platform.audit_entries set act = 'other' where id = '${ids[4]}'`,
      (ids) => [['audit.entry_changed', ids[4]!]],
    ],
    [
      'an entry that was taken out',
      ([, two]) => `delete from platform.audit_entries where id = '${two}'`,
      ([, two]) => [['audit.entry_missing', two!]],
    ],
    [
      'one that was put in',
      ([one]) =>
        `insert into platform.audit_entries select generation, xid, '${anyId}', at, actor, act, kind, refusal, permission, address, request_id, members, ids, fields, reason, reason_proof, details, proof from platform.audit_entries where id = '${one}'`,
      () => [
        ['audit.entry_changed', anyId],
        ['audit.entry_put_in', anyId],
      ],
    ],
    [
      'one put in behind the seal',
      ([one]) =>
        `insert into platform.audit_entries select generation, pg_current_xact_id(), '${anyId}', at, actor, act, kind, refusal, permission, address, request_id, members, ids, fields, reason, reason_proof, details, proof from platform.audit_entries where id = '${one}'`,
      () => [['audit.entry_changed', anyId]],
    ],
    [
      'a copy of one',
      ([one]) =>
        `insert into platform.audit_entries select generation, (xid::text::int8 + 1)::text::xid8, id, at, actor, act, kind, refusal, permission, address, request_id, members, ids, fields, reason, reason_proof, details, proof from platform.audit_entries where id = '${one}'`,
      ([one, two, three]) => [['audit.entries_moved', one!, two!, three!]],
    ],
    [
      'one whose reason was taken out, of a member whom nobody erased',
      ([one]) => `update platform.audit_entries set reason = null, reason_proof = '${anyId}' where id = '${one}'`,
      ([one]) => [['audit.entry_changed', one!]],
    ],
    [
      'two that changed places',
      ([one, , , four]) =>
        `update platform.audit_entries e set xid = o.xid from platform.audit_entries o where (e.id, o.id) in (('${one}', '${four}'), ('${four}', '${one}'))`,
      ([one, , , four]) => [
        ['audit.entry_missing', one!],
        ['audit.entry_put_in', four!],
        ['audit.entry_missing', four!],
        ['audit.entry_put_in', one!],
      ],
    ],
    [
      'two of a batch that changed places',
      ([one, two]) =>
        `update platform.audit_entries e set xid = o.xid from platform.audit_entries o where (e.id, o.id) in (('${one}', '${two}'), ('${two}', '${one}'))`,
      ([one, two]) => [['audit.entries_moved', two!, one!]],
    ],
    [
      'two whose contents were swapped',
      ([one, , , four]) =>
        `update platform.audit_entries e set (act, at, proof) = (o.act, o.at, o.proof) from platform.audit_entries o where (e.id, o.id) in (('${one}', '${four}'), ('${four}', '${one}'))`,
      ([one, , , four]) => [
        ['audit.entry_changed', one!],
        ['audit.batch_changed', '1'],
        ['audit.entry_changed', four!],
        ['audit.batch_changed', '2'],
      ],
    ],
    [
      'a batch whose list was written anew',
      ([one]) =>
        `delete from platform.audit_entries where id = '${one}'; update platform.audit_batches set ids = array_remove(ids, '${one}') where number = 1`,
      () => [['audit.batch_changed', '1']],
    ],
    [
      'a batch that was taken out',
      () => 'delete from platform.audit_batches where number = 1',
      () => [['audit.batch_missing', '1']],
    ],
    [
      'an end that was cut off with its entries',
      (ids) =>
        `delete from platform.audit_batches where number = 2; delete from platform.audit_entries where id in ('${ids[3]}', '${ids[4]}')`,
      () => [['audit.end_cut_off', '2']],
    ],
    [
      'a log that was emptied',
      () => 'truncate platform.audit_batches, platform.audit_entries',
      () => [['audit.end_cut_off', '1', '2']],
    ],
    [
      'another log in its place',
      () =>
        `truncate platform.audit_batches, platform.audit_entries; delete from platform.vault_keys where purpose = 'audit'`,
      () => [['audit.end_cut_off', '1', '2']],
    ],
  ])('names %s', async ([, change, expected], { desk }) => {
    const ids = await filled(desk)
    await run(desk, change(ids))
    expect(await named(desk)).toEqual(expected(ids))
    // Sealing on does not cover it up.
    await write(desk, 'five')
    await sealAudit(desk.house)
    expect((await named(desk)).length).toBeGreaterThan(0)
  })

  test('goes on in a new place once its owner has brought a backup back', async ({ desk, db }) => {
    await filled(desk)
    await run(desk, 'delete from platform.audit_batches where number = 2')
    expect(await named(desk)).toEqual([['audit.end_cut_off', '2']])
    await forgetEnd(desk.house.folder)
    await sql`insert into platform.generations (generation, system_identifier) values (2, 'other')`.execute(db.kysely)
    await write(desk, 'after')
    await sealAudit(desk.house)
    expect(await check(desk)).toMatchObject({ batches: 2, entries: 6, broken: [] })
  })

  test('says so when the folder has sealed another log', async ({ desk }) => {
    await filled(desk)
    await writeFile(endFile(desk.house.folder), JSON.stringify({ key: anyId, number: 7, hash: 'ab' }))
    expect(await named(desk)).toEqual([['audit.other_log', '7']])
  })

  test('of a check tells when it was, and believes no check but its own', async ({ desk, db }) => {
    await filled(desk)
    await db.act(async (ctx) => keepCheck(ctx, await checkAudit(ctx, desk.house.folder)))
    expect(await db.act(lastCheck)).toMatchObject({ batches: 2, entries: 5, broken: [] })
    await run(desk, "update platform.audit_checks set checked_at = now() + interval '1 hour'")
    expect(await db.act(lastCheck)).toBeNull()
  })

  test('is part of verify', async ({ desk }) => {
    const [one] = await filled(desk)
    const ask = await desk.as('administrator')
    expect((await ask('POST', '/verifications', {})).json()).toEqual({ ok: true, broken: [] })
    await run(desk, `delete from platform.audit_entries where id = '${one}'`)
    expect((await ask('POST', '/verifications', {})).json()).toMatchObject({
      ok: false,
      broken: [{ invariant: 'audit.entry_missing', ids: [one] }],
    })
    expect((await ask('GET', '/audit-seal')).json()).toMatchObject({
      sealed: { batches: 2 },
      check: { broken: [{ invariant: 'audit.entry_missing' }] },
    })
  })
})

test('each act that the log tells of has a sentence in every language', () => {
  const acts = served.flatMap(({ route, recording }) => (kindOf(route, recording) ? [operationOf(route)] : []))
  expect(acts.length).toBeGreaterThan(40)
  for (const texts of [zh, en, ru])
    expect([...acts, backupRestored.act].filter((act) => !(`act.${act}` in texts))).toEqual([])
})

describe('reading the log', () => {
  test('by who, act, person, time and words of the reason, page by page', async ({ desk, db, given }) => {
    const member = await given.member()
    const operator = await desk.as('marketer')
    const administrator = await desk.as('administrator')
    const adjust = (ask: Ask, reason: string, id: string) =>
      ask('POST', `/members/${member.id}/points-adjustments`, { points: 5, reason, id })
    await adjust(operator, '补记 100%', anyId)
    await adjust(administrator, '活动礼', anyId.replace('1', '2'))
    await administrator('POST', '/channels', { code: 'web', kind: 'website' })
    const list = async (query: string) =>
      (await administrator('GET', `/audit-entries?${query}`)).json() as {
        entries: { act: string; who: { actor: string; name: string }; members: { name: string }[] }[]
        next: string | null
      }
    const acts = async (query: string) => (await list(query)).entries.map(({ act }) => act)
    const adjusting = 'postMembersMemberIdPointsAdjustments'
    expect(await acts('')).toEqual(['postChannels', adjusting, adjusting])
    expect(await acts('act=postChannels')).toEqual(['postChannels'])
    expect(await acts(`member=${member.id}`)).toEqual([adjusting, adjusting])
    expect(await acts(`words=${encodeURIComponent('100%')}`)).toEqual([adjusting])
    expect(await acts('words=100_')).toEqual([])
    expect(await acts('until=2026-01-01T00:00:00Z')).toEqual([])
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10) // of Shanghai
    expect(await acts(`from=${today}&until=${today}`)).toHaveLength(3)
    expect(await acts(`from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([])
    expect(await acts('outcome=refused')).toEqual([])
    const { entries, next } = await list('limit=1')
    expect(entries[0]!.who.name).toBe('script')
    const second = await list(`limit=1&before=${next}`)
    expect(second.entries).toMatchObject([{ act: adjusting, members: [{ id: member.id, name: '林晚晴' }] }])
    expect(await acts(`actor=${entries[0]!.who.actor}`)).toEqual(['postChannels', adjusting])
    expect((await administrator('GET', '/audit-entries/names')).json()).toMatchObject({
      acts: ['postChannels', adjusting],
      actors: [{ kind: 'key' }, { kind: 'key' }],
    })
    expect((await operator('GET', '/audit-entries')).statusCode).toBe(403)
    expect(await db.act((ctx) => auditEntries(ctx, { refused: true }, { limit: 10 }))).toHaveLength(1)
  })

  test('as a file that runs nothing when it is opened, and is told of itself', async ({ desk, given }) => {
    const member = await given.member()
    const ask = await desk.as('administrator')
    await ask('POST', `/members/${member.id}/points-adjustments`, {
      points: 5,
      reason: '=HYPERLINK("http://evil.example","看")',
      id: anyId,
    })
    const { body } = await ask('GET', '/audit-entries/file?kind=change')
    const lines = body.split('\r\n')
    expect(lines[0]).toBe(
      '\ufeffat,actor,name,act,kind,outcome,members,ids,fields,reason,details,permission,address,request,entry',
    )
    expect(lines[1]).toContain(`"'=HYPERLINK(""http://evil.example"",""看"")"`)
    expect(lines).toHaveLength(3)
    expect(await desk.entries({ kind: 'export' })).toMatchObject([
      { act: 'getAuditEntriesFile', ids: { kind: 'change' } },
    ])
  })
})
