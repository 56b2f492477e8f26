/**
 * Staff sign in on the real program: an invitation, a password, the second factor and its codes, the dialog that asks
 * again before a dangerous act, where one is signed in. Beside it every page is opened under the page's own policy.
 */
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

const password = 'kettle7-violet-marsh'

let program: Program
let browser: Browser
let page: Page
/** The secret of the authenticator. */
let secret = ''
/** The code that confirmed it. */
let used = ''
const complaints: string[] = []

beforeAll(async () => {
  program = await startProgram()
  browser = await openBrowser({ locale: 'zh-CN' })
  page = browser.context.pages()[0] ?? (await browser.context.newPage())
  page.setDefaultTimeout(20_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  page.on('pageerror', (error) => complaints.push(error.message))
  // What the policy of the page forbids stands there as an error too.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(`${page.url()}: ${message.text()}`)
  })
})
afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

// The steps build on each other: after one that fails the rest would only wait for what isn't there.
let failed = false
beforeEach(({ skip }) => skip(failed, 'an earlier step failed'))
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail'
})

/** Nobody sits there for a quarter of an hour. */
async function proofsAreOlder(minutes: number): Promise<void> {
  const database = new pg.Client({
    host: join(program.folder, 'postgres'),
    user: 'roundtrip',
    database: 'roundtrip',
  })
  await database.connect()
  await database.query('update access.sessions set proved_at = proved_at - make_interval(mins => $1)', [minutes])
  await database.end()
}

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })

/** The code of the authenticator in so many steps of half a minute (RFC 6238). */
function code(stepsOn = 0): string {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsOn))
  const hash = createHmac('sha1', key).update(counter).digest()
  return String((hash.readUInt32BE(hash.at(-1)! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** In light and dark, at the widths of a phone, a tablet and a desk. */
async function looks(): Promise<string[]> {
  const found: string[] = []
  for (const width of [390, 820, 1440]) {
    await page.setViewportSize({ width, height: 900 })
    const over = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
    if (over > 0) found.push(`${over} px too wide at ${width}`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // Colours are on their way for a moment.
      await page.waitForTimeout(250)
      found.push(...(await barriers(page)))
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  return found
}

async function signOut(): Promise<void> {
  await button(/语言、明暗、退出/).click()
  await page.getByRole('menuitem', { name: '退出登录' }).click()
  await page.getByLabel('登录名').waitFor()
}

async function signIn(): Promise<void> {
  await page.getByLabel('登录名').fill('administrator')
  await page.getByLabel('密码').fill(password)
  await button('登录').click()
}

describe.sequential('signing in', () => {
  test('by an invitation, which asks for a password once, and later no more', async () => {
    await page.goto(program.link)
    await page.getByText('你是用一次性链接登录的').waitFor()
    await page.getByRole('link', { name: '设置密码' }).click()
    await page.getByRole('heading', { name: '已登录的地方' }).waitFor()
    await page.getByLabel('新密码').fill('password12345')
    await button('设置密码').click()
    await page.getByRole('alert').getByText('太常见').waitFor()
    expect(await looks()).toEqual([])
    await page.getByLabel('新密码').fill(password)
    await button('设置密码').click()
    await page.getByText('密码已设置').waitFor()
    await at('/today')
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await page.getByText('你是用一次性链接登录的').count()).toBe(0)
  })

  test('out, and in by the password; a wrong one says nothing of the login', async () => {
    await signOut()
    expect(await looks()).toEqual([])
    await page.getByLabel('登录名').fill('nobody')
    await page.getByLabel('密码').fill(password)
    await button('登录').click()
    await page.getByRole('alert').getByText('登录名和密码不相符').waitFor()
    await signIn()
    await page.waitForURL('**/today')
  })

  test('a second factor is set up by its first code, and its recovery codes are shown once', async () => {
    await button(/语言、明暗、退出/).click()
    await page.getByRole('menuitem', { name: '我的账号' }).click()
    await button('启用两步验证').click()
    await page.getByRole('img', { name: '验证器要扫的二维码' }).waitFor()
    secret = ((await page.locator('code').first().textContent()) ?? '').replaceAll(' ', '')
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(await looks()).toEqual([])
    const wrong = code() === '123456' ? '654321' : '123456'
    await page.getByLabel('验证器显示的六位数字').fill(wrong)
    await button('确认启用').click()
    await page.getByRole('alert').getByText('动态码不对').waitFor()
    used = code(-1)
    await page.getByLabel('验证器显示的六位数字').fill(used)
    await button('确认启用').click()
    const codes = page.getByRole('list', { name: '恢复码' }).getByRole('listitem')
    await codes.first().waitFor()
    expect(await codes.count()).toBe(10)
    expect(await looks()).toEqual([])
    await button('已保存').click()
    await page.getByText('还剩 10 个恢复码').waitFor()
  })

  test('asks for a code then, and takes no code twice', async () => {
    await signOut()
    await signIn()
    await page.getByRole('heading', { name: '两步验证' }).waitFor()
    expect(await looks()).toEqual([])
    await page.getByLabel('动态码').fill(used)
    await button('登录').click()
    await page.getByRole('alert').getByText('已经用过').waitFor()
    await page.getByLabel('动态码').fill(code())
    await button('登录').click()
    await page.waitForURL('**/today')
  })

  test('a dangerous act asks again after a while, and then goes on by itself', async () => {
    await proofsAreOlder(16)
    await at('/settings?tab=access')
    await button('生成链接').click()
    const dialog = page.getByRole('dialog', { name: '请再次确认是你' })
    await dialog.waitFor()
    expect(await looks()).toEqual([])
    await dialog.getByRole('button', { name: '取消' }).click()
    await page.getByRole('alert').getByText('没有确认是你').waitFor()
    await button('生成链接').click()
    await dialog.getByRole('textbox', { name: '密码' }).fill('not the password')
    await dialog.getByRole('button', { name: '确认并继续' }).click()
    await dialog.getByText('这不是你的密码').waitFor()
    await dialog.getByRole('textbox', { name: '密码' }).fill(password)
    await page.keyboard.press('Enter')
    await page.getByLabel('登录链接').waitFor()
    expect(await page.getByLabel('登录链接').inputValue()).toContain('/console/sign-in#token=')
  })

  test('shows where one is signed in, and ends the others', async () => {
    const other = await fetch(`${program.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' },
      body: JSON.stringify({ token: (await page.getByLabel('登录链接').inputValue()).split('token=')[1] }),
    })
    const { ticket } = (await other.json()) as { ticket: string }
    const opened = await fetch(`${program.url}/api/sessions/by-code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' },
      body: JSON.stringify({ ticket, code: code(1) }),
    })
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    await at('/account')
    await page.getByText('Firefox · Windows').waitFor()
    expect(await looks()).toEqual([])
    await button('结束其他所有登录').click()
    await expect.poll(() => page.getByText('Firefox · Windows').count()).toBe(0)
    expect((await fetch(`${program.url}/api/session`, { headers: { cookie } })).status).toBe(401)
  })

  test('reads well in English and Russian', async () => {
    for (const language of ['en', 'ru']) {
      await page.evaluate(`localStorage.setItem('roundtrip.language', '${language}')`)
      await at('/account')
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect([language, await looks()]).toEqual([language, []])
      expect(await page.locator('main').textContent()).not.toMatch(/\b[a-z]+[A-Z]?\w*\.[a-z]+[A-Z]\w*\b/)
    }
    await page.evaluate(`localStorage.setItem('roundtrip.language', 'zh-CN')`)
  })
})

test('every page of both apps keeps to the policy, which allows no inline style and no foreign script', async () => {
  const policy = (await fetch(`${program.url}/console/`)).headers.get('content-security-policy')!
  expect(policy).toMatch(/script-src 'self'; style-src 'self' 'nonce-[\w+/=]{24}'/)
  expect(policy).not.toContain('unsafe')
  const again = (await fetch(`${program.url}/console/`)).headers.get('content-security-policy')
  expect(again).not.toBe(policy)
  await page.setViewportSize({ width: 1440, height: 900 })
  if ((await page.request.get(`${program.url}/api/session`)).status() !== 200) {
    await page.goto(program.link)
    await page.waitForURL('**/today')
  }
  const tell = async (path: string, data: object) => {
    const reply = await page.request.post(`${program.url}/api${path}`, { data })
    expect([path, reply.status()]).toEqual([path, 200])
    return (await reply.json()) as { memberId: string }
  }
  await tell('/channels', { code: 'csp-store', kind: 'store', name: '春熙路店' })
  const { memberId } = await tell('/records', {
    channel: 'csp-store',
    record: { externalId: 'M-1', name: '林晚晴', phone: '13808066721' },
  })
  let [opened, missed] = [0, 0]
  const pages = [
    '/today',
    '/start',
    '/members',
    `/members/${memberId}`,
    `/members/${memberId}?tab=points`,
    '/points',
    '/channels',
    '/imports',
    '/imports/new',
    '/settings',
    '/settings?tab=access',
    '/settings?tab=program',
    '/settings?tab=organisation',
    '/settings?tab=tiers',
    '/settings/tree',
    '/account',
    '/nowhere',
  ]
  for (const path of pages) {
    await at(path)
    await page.locator('main').waitFor()
    await page.waitForTimeout(700)
    // What opens over the page brings its styles when it comes: choices, dialogs, questions.
    const openers = page
      .locator('main')
      .locator('[role="combobox"]:visible, button[aria-haspopup]:visible, button:visible')
    for (let n = 0; n < Math.min(await openers.count(), 25); n++) {
      const words = await openers.nth(n).textContent()
      if (/保存|核对|重新生成|导出|清空/.test(words ?? '')) continue
      if (!(await openers.nth(n).isEnabled())) continue
      await openers
        .nth(n)
        .click({ timeout: 1_000 })
        .then(
          () => opened++,
          () => missed++,
        )
      await page.waitForTimeout(80)
      await page.keyboard.press('Escape')
      if (!page.url().endsWith(path)) await at(path).then(() => page.locator('main').waitFor())
    }
  }
  process.stdout.write(`Opened ${opened} things on ${pages.length} pages; ${missed} were behind others\n`)
  expect(opened).toBeGreaterThan(30)
  for (const path of ['/m/', '/m/points', '/m/orders', '/m/profile']) {
    await page.goto(`${program.url}${path}`)
    await page.getByRole('heading').first().waitFor()
  }
  expect(complaints).toEqual([])
}, 300_000)
