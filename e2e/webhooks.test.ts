/**
 * Data that leaves the group, on the real program: a recipient is put on file, a webhook tells a real receiver, what
 * fails is seen and sent again; dangerous acts ask again who does them; a colleague is signed out and loses a lost second
 * factor; the member reads who received what.
 */
import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

const password = 'kettle7-violet-marsh'
const shots = process.env.SHOTS

let program: Program
let browser: Browser
let page: Page
let receiver: Server
let url = ''
let answer = 204
const got: { id: string; timestamp: string; signature: string; raw: string }[] = []
const complaints: string[] = []

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const header = (name: string) => String(request.headers[name])
    got.push({
      id: header('webhook-id'),
      timestamp: header('webhook-timestamp'),
      signature: header('webhook-signature'),
      raw: await text(request),
    })
    response.writeHead(answer).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', () => resolve()))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/roundtrip`
  process.env.ROUNDTRIP_WEBHOOK_NETWORKS = '127.0.0.0/8'
  program = await startProgram()
  browser = await openBrowser({ locale: 'zh-CN' })
  page = browser.context.pages()[0] ?? (await browser.context.newPage())
  page.setDefaultTimeout(30_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(`${page.url()}: ${message.text()}`)
  })
})
afterAll(async () => {
  await browser?.close()
  await program?.stop()
  receiver?.closeAllConnections()
  receiver?.close()
})

// The steps build on each other: after one that fails the rest would only wait for what isn't there.
let failed = false
beforeEach(({ skip }) => skip(failed, 'an earlier step failed'))
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail'
})

async function inDatabase(statement: string): Promise<void> {
  const database = new pg.Client({ host: join(program.folder, 'postgres'), user: 'roundtrip', database: 'roundtrip' })
  await database.connect()
  await database.query(statement)
  await database.end()
}

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })

async function api<T>(method: string, path: string, data?: object): Promise<T> {
  const reply = await page.request.fetch(`${program.url}/api${path}`, { method, ...(data ? { data } : {}) })
  expect([path, reply.status(), reply.ok() ? '' : await reply.text()]).toEqual([path, 200, ''])
  return (await reply.json()) as T
}

let orders = 0
const pays = (customer: string, amountMinor: number) =>
  api('POST', '/orders', {
    channel: 'store-a',
    number: `H-${++orders}`,
    customerExternalId: customer,
    orderedAt: new Date().toISOString(),
    lines: [{ product: '川西环线 5 日', amountMinor }],
  })

/** Somebody has been away for a quarter of an hour, so the next dangerous act asks again. */
async function proves(act: () => Promise<void>): Promise<void> {
  await inDatabase("update access.sessions set proved_at = proved_at - interval '20 minutes'")
  await act()
  const dialog = page.getByRole('dialog').filter({ has: page.locator('input[autocomplete="current-password"]') })
  await dialog.locator('input[autocomplete="current-password"]').fill(password)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
}

/** How much of the page is on its way to another colour or place. */
const moving =
  "document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getComputedTiming().iterations !== Infinity).length"

async function looks(name: string): Promise<string[]> {
  const found: string[] = []
  for (const width of [390, 820, 1440]) {
    await page.setViewportSize({ width, height: 900 })
    const over = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
    if (over > 0) found.push(`${name}: ${over} px too wide at ${width}`)
    for (const colorScheme of width === 820 ? (['light', 'dark'] as const) : (['light'] as const)) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // Colours are on their way for a moment, longer on a machine with other work.
      await page.waitForTimeout(150)
      await expect.poll(() => page.evaluate(moving), { timeout: 20_000 }).toBe(0)
      found.push(...(await barriers(page)))
      if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png` })
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  return found
}

async function inThreeLanguages(name: string, ready: () => Promise<unknown>): Promise<void> {
  for (const language of ['zh-CN', 'en', 'ru']) {
    await page.evaluate(`localStorage.setItem('roundtrip.language', '${language}')`)
    await page.reload()
    await ready()
    expect(await looks(`${name}-${language}`)).toEqual([])
  }
  await page.evaluate("localStorage.setItem('roundtrip.language', 'zh-CN')")
  await page.reload()
  await ready()
}

describe.sequential('data that leaves the group', () => {
  test('begins with its recipient, which is put on file by whoever proves who they are', {
    timeout: 300_000,
  }, async () => {
    await page.goto(program.link)
    await page.waitForURL('**/today')
    await api('PUT', '/session/password', { password })
    await api('POST', '/channels', { code: 'store-a', kind: 'store', name: '春熙路店' })
    await at('/settings?tab=webhooks')
    await page.getByText('还没有可用于推送的接收方').waitFor()
    expect(await looks('hooks-empty')).toEqual([])
    await page.getByRole('link', { name: '去登记' }).click()
    await button('登记接收方').click()
    await page.getByLabel('名称').fill('云途地接社')
    await page.getByLabel('用自己的话说，会员看得到').fill('把已付款的订单交给地接社安排')
    await page.getByLabel('协议在哪里').fill('协议 2026-118')
    expect(await looks('recipient-form')).toEqual([])
    await proves(() => button('保存').last().click())
    await page.getByText('协议 2026-118').waitFor()
    await button('登记接收方').click()
    await page.getByLabel('名称').fill('Almaty Trips LLP')
    await page.getByLabel('国家或地区').fill('KZ')
    await page.getByTitle('哈萨克斯坦 (KZ)').click()
    await page.getByText('要写明凭什么提供').waitFor()
    await page.getByLabel('协议在哪里').fill('DPA-7')
    await button('保存').last().click()
    await page.getByText('选一项').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: '取消' }).click()
  })

  test('goes to a webhook, whose secret is shown once, and is signed by it', { timeout: 300_000 }, async () => {
    await at('/settings?tab=webhooks')
    await button('新建推送').click()
    await page.getByLabel('名称').fill('地接社系统')
    await page.getByLabel('接收地址').fill(url)
    await page.getByRole('checkbox', { name: '成为会员' }).check()
    expect(await looks('hook-form')).toEqual([])
    await proves(() => button('建立').click())
    const secret = await page.getByLabel('签名密钥').inputValue()
    expect(secret).toMatch(/^whsec_/)
    await button('已保存，关闭').click()
    await page.getByText('还没有送达过').waitFor()
    const record = { externalId: 'M-1', name: '林晚晴', phone: '13808066721', city: '成都' }
    await api('POST', '/records', { channel: 'store-a', record })
    await pays('M-1', 976_000)
    await expect.poll(() => got.length, { timeout: 30_000 }).toBe(2)
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    for (const { id, timestamp, raw, signature } of got)
      expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${raw}`).digest('base64')}`)
    expect(JSON.parse(got[1]!.raw)).toMatchObject({ type: 'order.paid', data: { amountMinor: 976_000 } })
  })

  test('is told in the log, with its content, and can be sent again', { timeout: 300_000 }, async () => {
    await button('查看「地接社系统」').click()
    await page.getByText('已送达').nth(1).waitFor()
    await button('付款的内容').click()
    await page.getByText('"amountMinor": 976000').waitFor()
    expect(await looks('hook-content')).toEqual([])
    await page.keyboard.press('Escape')
    await button('重发 付款').click()
    await expect.poll(() => got.length, { timeout: 30_000 }).toBe(3)
    expect(got[2]!.id).toBe(got[1]!.id)
    await button('重发一段时间').click()
    await button('全部重发').click()
    await page.getByText('排上了 2 件').waitFor()
    await expect.poll(() => got.length, { timeout: 30_000 }).toBe(5)
    await page.getByRole('dialog').getByRole('button', { name: '取消' }).click()
    await button('发一个测试').click()
    await expect.poll(() => got.at(-1)!.raw, { timeout: 30_000 }).toContain('webhook.test')
    await page.getByText(/^测试/).waitFor()
  })

  test('waits while the receiver is away, and Today says when it stands still', { timeout: 300_000 }, async () => {
    answer = 410
    await pays('M-1', 12_000)
    await page.getByText('对方说不再接收').waitFor()
    await inThreeLanguages('hooks', async () => {
      await page.locator('button[aria-expanded]').click()
      await page.getByText('12').first().waitFor({ state: 'attached' })
      await page.locator('fieldset button').first().waitFor()
    })
    await at('/today')
    await page.getByText('停下的推送').waitFor()
    await inThreeLanguages('today-hooks', () => page.getByText('地接社系统').waitFor())
    answer = 200
    await at('/settings?tab=webhooks')
    await button('查看「地接社系统」').click()
    const before = got.length
    await button('继续发送').click()
    await page.getByText('正常').waitFor()
    await expect.poll(() => got.length, { timeout: 30_000 }).toBe(before + 1)
  })

  test('a new secret is shown once, and the former one signs for a day', { timeout: 300_000 }, async () => {
    await button('换密钥').click()
    expect(await looks('hook-secret')).toEqual([])
    await proves(() => button('换').click())
    expect(await page.getByLabel('签名密钥').inputValue()).toMatch(/^whsec_/)
    await button('已保存，关闭').click()
    await page.getByText(/旧密钥用到/).waitFor()
  })

  test('is read by staff on the member’s page', { timeout: 300_000 }, async () => {
    const { members } = await api<{ members: { id: string }[] }>(
      'GET',
      `/members?search=${encodeURIComponent('林晚晴')}`,
    )
    await at(`/members/${members[0]!.id}?tab=privacy`)
    await page.getByText('云途地接社').waitFor()
    await inThreeLanguages('member-privacy', () => page.getByText('云途地接社').waitFor())
  })

  test('and by the member, with the role of whoever looked', { timeout: 300_000 }, async () => {
    const { members } = await api<{ members: { id: string }[] }>(
      'GET',
      `/members?search=${encodeURIComponent('林晚晴')}`,
    )
    await api('POST', `/members/${members[0]!.id}/reveals`, {
      recordId: members[0]!.id,
      field: 'phone',
      reason: '回电核对',
    })
    await page.goto(`${program.url}/m/`)
    await page.getByLabel('手机号').fill('13808066721')
    await button('获取验证码').click()
    await expect
      .poll(async () => (await api<{ messages: object[] }>('GET', '/sandbox/sms?phone=13808066721')).messages.length)
      .toBe(1)
    const [message] = (await api<{ messages: { text: string }[] }>('GET', '/sandbox/sms?phone=13808066721')).messages
    await page.getByLabel('短信验证码').fill(/\d{6}/.exec(message!.text)![0])
    await button('同意并加入').click()
    await page.getByText('林晚晴').first().waitFor()
    await page.goto(`${program.url}/m/privacy`)
    await page
      .getByText('订单编号与金额，会员编号与变化')
      .or(page.getByText('会员编号与变化，订单编号与金额'))
      .waitFor()
    await page.getByRole('cell', { name: '管理员' }).waitFor()
    for (const [language, words] of [
      ['Русский', 'Кто получил ваши данные'],
      ['English', 'Who received your data'],
      ['简体中文', '谁收到过你的资料'],
    ] as const) {
      await page.goto(`${program.url}/m/profile`)
      await page.getByRole('radio', { name: language }).check()
      await page.goto(`${program.url}/m/privacy`)
      await page.getByRole('heading', { name: words }).waitFor()
      await page.getByText('云途地接社').scrollIntoViewIfNeeded()
      expect(await looks(`own-privacy-${language}`)).toEqual([])
    }
  })

  test('and erasing a member by staff asks again who does it', { timeout: 300_000 }, async () => {
    const { members } = await api<{ members: { id: string }[] }>(
      'GET',
      `/members?search=${encodeURIComponent('林晚晴')}`,
    )
    await at(`/members/${members[0]!.id}?tab=privacy`)
    await button('删除会员').click()
    await page.getByLabel('原因').fill('本人来信要求')
    await proves(() => button(/^删除 \d+ 份记录$/).click())
    await expect
      .poll(() => got.map(({ raw }) => JSON.parse(raw).type).includes('member.erased'), { timeout: 60_000 })
      .toBe(true)
  })
})

describe.sequential('a colleague', () => {
  test('is signed out everywhere, and a lost second factor is taken off, each after a question', {
    timeout: 300_000,
  }, async () => {
    const staffId = '01900000-0000-7000-8000-00000000abcd'
    const about = { login: 'limei', name: '李梅', role: 'store-manager', place: { kind: 'store', code: 'store-a' } }
    await api('PUT', `/staff/${staffId}`, about)
    const { url: link } = await api<{ url: string }>('POST', `/staff/${staffId}/links`)
    // From another browser, which has no cookies of this one.
    const theirs = await fetch(`${program.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: link.split('token=')[1] }),
    })
    const cookie = theirs.headers.get('set-cookie')!.split(';')[0]!
    const own = async (method: string, path: string, body?: object) =>
      fetch(`${program.url}/api${path}`, {
        method,
        headers: { cookie, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    await own('POST', '/session/second-factor', {})
    await inDatabase('update access.second_factors set confirmed_at = now()')
    await at('/settings?tab=staff')
    await button('李梅').click()
    await page.getByText('登录着 1 处').waitFor()
    await page.getByText(/两步验证启用于/).waitFor()
    expect(await looks('staff-sign-in')).toEqual([])
    await button('在所有地方退出').click()
    await page.getByText('让「李梅」在所有地方退出？').waitFor()
    await proves(() => page.getByRole('tooltip').getByRole('button', { name: '在所有地方退出' }).click())
    await page.getByText('已退出 1 处').waitFor()
    expect((await own('GET', '/session')).status).toBe(401)
    await button('关掉两步验证').click()
    await page.getByRole('tooltip').getByRole('button', { name: '关掉两步验证' }).click()
    await page.getByText('没有两步验证').waitFor()
    const { entries } = await api<{ entries: { act: string }[] }>('GET', '/audit-entries?limit=20')
    expect(entries.map(({ act }) => act)).toEqual(
      expect.arrayContaining(['deleteStaffStaffIdSessions', 'deleteStaffStaffIdSecondFactor']),
    )
  })
})

test('nothing was complained of on the way', () => {
  expect(complaints).toEqual([])
})
