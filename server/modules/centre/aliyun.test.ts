import { afterAll, afterEach, beforeAll } from 'vitest'
import { test as base, expect } from '#app/testing'
import { putRecipient } from '#modules/privacy'
import { systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { newId } from '#platform/ids'
import { openLog } from '#platform/log'
import { type StandIn, standIn } from './aliyun.testing.ts'
import { aliyunSender, authorizationOf, canonicalQuery } from './aliyun.ts'
import { deliver, sendSms, settle } from './sms.ts'

let provider: StandIn
beforeAll(async () => {
  provider = await standIn()
})
afterEach(() => void provider.taken.splice(0))
afterAll(() => provider.close())

interface Post {
  house: House
  /** Writes a message and has it delivered; says its id. */
  send(phone?: string, language?: 'zh-CN' | 'en'): Promise<string>
  deliveryOf(id: string): Promise<{ state: string; sealed: Buffer | null; jobs: string[] }>
}

/** Nothing goes out by a carrier that is not on file. */
const carrier = {
  id: newId(),
  name: '阿里云',
  country: 'CN',
  purpose: 'messages' as const,
  details: '',
  basis: 'contract' as const,
  uses: ['sms'] as 'sms'[],
  agreement: 'SMS 2026-01',
  agreementUntil: null,
  transfer: null,
} satisfies Parameters<typeof putRecipient>[1]

const test = base.extend<{ post: Post }>({
  post: async ({ db }, use) => {
    await inTx(db, systemActor, (ctx) => putRecipient(ctx, carrier))
    const house = { db, sandbox: false, sms: provider.provider, log: openLog('silent') } as unknown as House
    await use({
      house,
      send: async (phone = '+8613808066721', language = 'zh-CN') => {
        await inTx(db, systemActor, (ctx) =>
          sendSms(ctx, { phone, text: '', code: '402817', language, provider: 'aliyun', goodForSeconds: 300 }),
        )
        const { rows } = await db.pool.query(
          'select id from centre.deliveries order by created_at desc, id desc limit 1',
        )
        await deliver.run(house, { id: rows[0].id })
        return rows[0].id
      },
      deliveryOf: async (id) => {
        const { rows } = await db.pool.query('select state, sealed from centre.deliveries where id = $1', [id])
        const { rows: jobs } = await db.pool.query(
          "select task_identifier as name from graphile_worker.jobs where run_at > now() + interval '1 second' order by 1",
        )
        return { ...rows[0], jobs: jobs.map(({ name }: { name: string }) => name) }
      },
    })
  },
})

test("the signature is that of the provider's own example", () => {
  const query = canonicalQuery({
    RegionId: 'cn-shanghai',
    ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
  })
  const authorization = authorizationOf(
    { accessKeyId: 'YourAccessKeyId', accessKeySecret: 'YourAccessKeySecret' },
    query,
    {
      host: 'ecs.cn-shanghai.aliyuncs.com',
      'x-acs-action': 'RunInstances',
      'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-acs-date': '2023-10-26T10:22:32Z',
      'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
      'x-acs-version': '2014-05-26',
    },
  )
  expect(authorization).toBe(
    'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
  )
  expect(canonicalQuery({ b: "a b!*'()~", a: '会' })).toBe('a=%E4%BC%9A&b=a%20b%21%2A%27%28%29~')
})

test('a message goes out once, by signature, template and our id, and nothing of it is kept', async ({ post }) => {
  const id = await post.send()
  expect(provider.taken).toEqual([
    {
      PhoneNumbers: '13808066721',
      SignName: '远岫旅业',
      TemplateCode: 'SMS_1',
      TemplateParam: '{"code":"402817"}',
      OutId: id,
    },
  ])
  expect(await post.deliveryOf(id)).toEqual({ state: 'sent', sealed: null, jobs: [] })
  await deliver.run(post.house, { id })
  expect(provider.taken).toHaveLength(1)
})

test('a phone abroad has its country, and words of its language', async ({ post }) => {
  await post.send('+85251234567', 'en')
  expect(provider.taken).toMatchObject([{ PhoneNumbers: '85251234567', TemplateCode: 'SMS_2' }])
})

test.for([
  { code: 'isv.BUSINESS_LIMIT_CONTROL' },
  { code: 'isv.MOBILE_NUMBER_ILLEGAL' },
  { code: 'isp.RAM_PERMISSION_DENY' },
  { status: 400, code: 'SignatureDoesNotMatch' },
])('%o is a refusal: nothing was sent, nothing is tried again', async (answer, { post }) => {
  provider.next(answer)
  const id = await post.send()
  expect(await post.deliveryOf(id)).toEqual({ state: 'refused', sealed: null, jobs: [] })
  expect(provider.taken).toEqual([])
})

test('a throttled message waits and goes out later', async ({ post }) => {
  provider.next({ status: 400, code: 'Throttling.User' })
  const id = await post.send()
  expect(await post.deliveryOf(id)).toMatchObject({ state: 'waiting', jobs: ['centre.sms'] })
  await deliver.run(post.house, { id })
  expect(await post.deliveryOf(id)).toMatchObject({ state: 'sent' })
  expect(provider.taken).toHaveLength(1)
})

test('a provider out of reach has taken nothing: the message waits', async ({ post }) => {
  const gone = await standIn()
  await gone.close()
  Object.assign(post.house, { sms: gone.provider })
  const id = await post.send()
  expect(await post.deliveryOf(id)).toMatchObject({ state: 'waiting', jobs: ['centre.sms'] })
})

test.for(['broken', 'page', 'lost', { code: 'isp.SYSTEM_ERROR' }] as const)(
  '%o leaves it unknown, and it is not sent again',
  async (answer, { post }) => {
    provider.next(answer)
    const id = await post.send()
    expect(await post.deliveryOf(id)).toMatchObject({ state: 'unknown', jobs: ['centre.sms_settling'] })
    const asked = provider.asked()
    await deliver.run(post.house, { id })
    expect(provider.asked()).toBe(asked)
  },
)

test('who does not answer is not waited for without end', async () => {
  provider.next('silent')
  const sender = aliyunSender(provider.provider, { milliseconds: 200 })
  const message = { id: 'one', phone: '+8613808066721', text: '', code: '402817', language: 'zh-CN' as const }
  await expect(sender.send(message)).rejects.toThrow(/timeout/)
})

test('what became of an unknown message is asked by our id', async ({ post }) => {
  provider.next('broken', 'page')
  const [taken, lost] = [await post.send(), await post.send('+8613900001234')]
  await settle.run(post.house, { id: taken, asked: 0 })
  await settle.run(post.house, { id: lost, asked: 0 })
  expect(await post.deliveryOf(taken)).toMatchObject({ state: 'sent', sealed: null })
  expect(await post.deliveryOf(lost)).toMatchObject({ state: 'unknown', sealed: expect.any(Buffer) })
  await settle.run(post.house, { id: lost, asked: 2 })
  expect(await post.deliveryOf(lost)).toMatchObject({ state: 'unknown', sealed: null })
})

test('a wrong secret is told apart from a wrong message', async ({ post }) => {
  Object.assign(post.house, { sms: { ...provider.provider, accessKeySecret: 'another' } })
  expect(await post.deliveryOf(await post.send())).toMatchObject({ state: 'refused' })
  expect(provider.taken).toEqual([])
})

test('with the sandbox on nothing leaves', async ({ post }) => {
  Object.assign(post.house, { sandbox: true })
  const asked = provider.asked()
  expect(await post.deliveryOf(await post.send())).toMatchObject({ state: 'sent' })
  expect(provider.asked()).toBe(asked)
})
