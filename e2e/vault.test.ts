/** Both keys are changed on the program page, on the real program: everybody is found at once and afterwards. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

let program: Program
let browser: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  program = await startProgram()
  browser = await openBrowser({ locale: 'zh-CN' })
  page = browser.context.pages()[0] ?? (await browser.context.newPage())
  page.setDefaultTimeout(60_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  page.on('pageerror', (error) => complaints.push(error.message))
})
afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

async function ask(method: string, path: string, cookie: string, body?: object) {
  const reply = await fetch(`${program.url}/api${path}`, {
    method,
    headers: { cookie, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  expect([path, reply.status]).toEqual([path, 200])
  return reply
}

test('both keys are changed where the program is looked after', { timeout: 300_000 }, async () => {
  const signedIn = await ask('POST', '/sessions', '', { token: program.link.split('token=')[1] })
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
  await ask('POST', '/channels', cookie, { code: 'vault-test', kind: 'store', name: '春熙路店' })
  const record = { externalId: 'V-1', name: '林晚晴', phone: '13808066721' }
  await ask('POST', '/records', cookie, { channel: 'vault-test', record })
  const found = async () => {
    const { members } = (await (await ask('GET', '/members?search=13808066721', cookie)).json()) as {
      members: object[]
    }
    return members.length
  }
  expect(await found()).toBe(1)
  await browser.context.addCookies([
    { name: cookie.split('=')[0]!, value: cookie.slice(cookie.indexOf('=') + 1), url: program.url },
  ])
  await page.goto(`${program.url}/console/settings?tab=program`)
  const rows = page.getByRole('listitem').filter({ hasText: '密钥' })
  for (const name of ['主密钥', '查找用的密钥']) {
    const row = rows.filter({ has: page.getByText(name, { exact: true }) })
    await row.getByText('从未更换').waitFor()
    await row.getByRole('button', { name: '更换密钥' }).click()
    await page.getByRole('tooltip').getByText(`更换${name}？`).waitFor()
    await page.getByRole('tooltip').getByRole('button', { name: '更换密钥' }).click()
    await row.getByText(/换完/).waitFor()
    expect(await found()).toBe(1)
  }
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])

  if (!process.env.PICTURES) return
  for (const [locale, scheme] of [
    ['zh-CN', 'light'],
    ['en', 'dark'],
    ['ru', 'light'],
  ] as const) {
    for (const width of [390, 820, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme: scheme })
      await page.evaluate((chosen) => localStorage.setItem('roundtrip.language', chosen), locale)
      await page.goto(`${program.url}/console/settings?tab=program`)
      const section = page.locator('section').last()
      await section.scrollIntoViewIfNeeded()
      await page.waitForTimeout(800)
      await page.screenshot({ path: `${process.env.PICTURES}/keys-${locale}-${width}.png` })
    }
  }
})
