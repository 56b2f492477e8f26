/**
 * What a group chooses and what comes of it, on the real program: a language less and a tier more are seen by a member
 * in the member centre; a member is invited to it on the member page; a job that failed is found, mended and tried again.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

const phone = '13808066721'

let program: Program
let staff: Browser
let guest: Browser
let page: Page
let centre: Page
let cookie = ''
let memberId = ''
const complaints: string[] = []

beforeAll(async () => {
  program = await startProgram()
  await storeKnows()
  staff = await openBrowser({ locale: 'zh-CN' })
  guest = await openBrowser({ locale: 'ru-RU', viewport: { width: 390, height: 844 } })
  page = staff.context.pages()[0] ?? (await staff.context.newPage())
  centre = guest.context.pages()[0] ?? (await guest.context.newPage())
  for (const one of [page, centre]) {
    one.setDefaultTimeout(20_000)
    await one.emulateMedia({ reducedMotion: 'reduce' })
    one.on('pageerror', (error) => complaints.push(error.message))
    one.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
        complaints.push(message.text())
    })
  }
  await staff.context.addCookies([
    { name: cookie.split('=')[0]!, value: cookie.slice(cookie.indexOf('=') + 1), url: program.url },
  ])
})
afterAll(async () => {
  await guest?.close()
  await staff?.close()
  await program?.stop()
})

// The steps build on each other: after one that fails the rest would only wait for what isn't there.
let failed = false
beforeEach(({ skip }) => skip(failed, 'an earlier step failed'))
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail'
})

async function post(path: string, body: object): Promise<Record<string, string>> {
  const reply = await fetch(`${program.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  })
  expect([path, reply.status]).toEqual([path, 200])
  cookie ||= reply.headers.get('set-cookie')!.split(';')[0]!
  return (await reply.json()) as Record<string, string>
}

/** A store's customer with a paid order, told by API. */
async function storeKnows(): Promise<void> {
  await post('/sessions', { token: program.link.split('token=')[1] })
  await post('/channels', { code: 'settings-test', kind: 'store', name: '春熙路店' })
  const put = await post('/records', { channel: 'settings-test', record: { externalId: 'S-1', name: '林晚晴', phone } })
  memberId = put.memberId!
  await post('/orders', {
    channel: 'settings-test',
    number: 'S-A-1',
    customerExternalId: 'S-1',
    orderedAt: new Date().toISOString(),
    lines: [{ product: '川西环线 5 日', amountMinor: 1_200_000 }],
  })
  await post('/catch-ups', {})
}

/** As whoever looks after the machine could: by the socket that the program's own database names in its folder. */
async function inDatabase(statement: string): Promise<void> {
  const place = join(program.folder, 'postgres')
  const lines = (await readFile(join(place, 'postmaster.pid'), 'utf8')).split('\n')
  const client = new pg.Client({
    host: resolve(place, lines[4]!),
    port: Number(lines[3]),
    user: 'roundtrip',
    database: 'roundtrip',
  })
  await client.connect()
  await client.query(statement)
  await client.end()
}

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })

async function codeFromOutbox(): Promise<{ code: string; text: string }> {
  for (let tries = 0; tries < 100; tries++) {
    const reply = await fetch(`${program.url}/api/sandbox/sms?phone=${phone}`)
    const { messages } = (await reply.json()) as { messages: { text: string }[] }
    const code = /\d{6}/.exec(messages[0]?.text ?? '')?.[0]
    if (code) return { code, text: messages[0]!.text }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('No code came into the outbox')
}

describe.sequential('what a group chooses', () => {
  test('languages and the worth of points are saved, and the page is open to everybody', async () => {
    await at('/settings')
    await page.getByText('对会员说的语言').waitFor()
    // Russian and Chinese go; English is the only one left.
    for (const name of ['Русский', '简体中文'])
      await page
        .locator('.ant-select-selection-item', { hasText: name })
        .locator('.ant-select-selection-item-remove')
        .click()
    await page
      .locator('#first')
      .locator('xpath=ancestor::*[contains(@class,"ant-form-item")][1]')
      .getByText('English')
      .waitFor()
    await page.getByLabel('多少分').fill('100')
    await button('保存').click()
    await page.getByText('两项都填，或都不填').first().waitFor()
    await page.getByLabel('值多少（CNY）').fill('1')
    await button('保存').click()
    await page.getByRole('status').getByText('已保存').waitFor()
    expect(await barriers(page)).toEqual([])
  })

  test('the member centre greets in the language that is left, and offers no other', async () => {
    await centre.goto(`${program.url}/m/`)
    await centre.getByRole('heading', { name: 'Sign in or join' }).waitFor()
    expect(await centre.getByRole('button', { name: 'Русский' }).count()).toBe(0)
    expect(await centre.getByRole('button', { name: '简体中文' }).count()).toBe(0)
    await centre.getByLabel('Phone').fill('+86 138 0806 6721')
    await centre.getByRole('button', { name: 'Send me a code' }).click()
    const { code, text } = await codeFromOutbox()
    expect(text).toContain('your code is')
    await centre.getByLabel('Code from the message').fill(code)
    await centre.getByRole('button', { name: 'Agree and join' }).click()
    await centre.getByText('12,000').first().waitFor()
    await centre.getByText('≈ ¥120').first().waitFor()
    await centre.getByText('Bluestone').first().waitFor()
    await centre.goto(`${program.url}/m/profile`)
    await centre.getByText('Appearance').waitFor()
    expect(await centre.getByText('Language', { exact: true }).count()).toBe(0)
  })

  test('a tier is added with its name and landscape, and put in its place', async () => {
    await at('/settings?tab=tiers')
    await page.getByText('欠会员的积分').waitFor()
    await page.getByText('约 ¥120').waitFor()
    await button('新等级').click()
    await page.getByLabel('名称（English）').fill('Summit')
    await page.getByRole('radio', { name: '星海' }).check({ force: true })
    expect(await barriers(page)).toEqual([])
    await button('保存').click()
    const rows = page.locator('ol > li')
    await expect.poll(() => rows.allInnerTexts()).toHaveLength(5)
    await expect.poll(() => rows.last().locator('b').textContent()).toBe('Summit')
    await button('「Summit」降一位').click()
    await expect.poll(() => rows.nth(3).locator('b').textContent()).toBe('Summit')
    expect(await barriers(page)).toEqual([])
  })

  test('a member who is invited to it sees it on the card; the invitation ends and it is gone', async () => {
    await at(`/members/${memberId}`)
    await button('等级：青石').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('等级', { exact: true }).click()
    await page.locator('.ant-select-item-option', { hasText: 'Summit' }).click()
    await dialog.getByLabel('最后一天').fill('2099-12-31')
    await dialog.getByLabel('原因').fill('集团贵宾')
    expect(await barriers(page)).toEqual([])
    await dialog.getByRole('button', { name: '给这个等级' }).click()
    await button('等级：Summit').waitFor()
    await page.getByText('Summit 至 2099 年 12 月 31 日').waitFor()
    await page.getByText('等级成为「Summit」').waitFor()
    expect(await barriers(page)).toEqual([])

    await centre.goto(`${program.url}/m/`)
    await centre.getByText('Summit').first().waitFor()
    expect(await centre.locator('[data-landscape]').getAttribute('data-landscape')).toBe('starsea')
    expect(await barriers(centre)).toEqual([])

    await button('等级：Summit').click()
    await button('结束邀请').click()
    await page.getByLabel('为什么结束').fill('给错了人')
    await page.getByRole('dialog').locator('form').getByRole('button', { name: '结束邀请' }).click()
    await page.getByRole('dialog').getByText('给错了人').waitFor()
    await page.keyboard.press('Escape')
    await button('等级：青石').waitFor()
    await page.getByText('等级回到「青石」').waitFor()
  })
})

describe.sequential('what the program does by itself', () => {
  test('says what is done by the clock, and runs it now', async () => {
    await at('/settings?tab=jobs')
    const row = page.locator('li', { hasText: /每晚核对积分账.*下次/ })
    await row.getByText('还没做过').waitFor()
    await row.getByRole('button', { name: '现在做：每晚核对积分账' }).click()
    await row.getByText('成功').waitFor()
    expect(await barriers(page)).toEqual([])
  })

  test('shows what failed and why, and after it was mended and tried again it is gone', async () => {
    await inDatabase('alter table points.allocations rename to allocations_away')
    const row = page.locator('li', { hasText: /每晚核对积分账.*下次/ })
    await row.getByRole('button', { name: '现在做：每晚核对积分账' }).click()
    await row.getByText('失败').waitFor()
    const failed = page.locator('li', { hasText: '试过 1/1 次' })
    await failed.getByText('relation "points.allocations" does not exist').waitFor()
    expect(await barriers(page)).toEqual([])

    await inDatabase('alter table points.allocations_away rename to allocations')
    await failed.getByRole('button', { name: '再试一次' }).click()
    await row.getByText('成功').waitFor()
    await page.getByText('没有在等的，也没有失败的。').waitFor()
  })

  test('nothing went wrong on the way', () => {
    expect(complaints).toEqual([])
  })
})
