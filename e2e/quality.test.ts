/**
 * The pool becomes clean, on the real program: spellings that stand in the data are proposed, mapped with one click,
 * written anew and taken back; a number of the quality page opens its members, and one is put right in place.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

let program: Program
let staff: Browser
let page: Page
let cookie = ''
let wang = ''
const complaints: string[] = []

beforeAll(async () => {
  program = await startProgram()
  await post('/sessions', { token: program.link.split('token=')[1] })
  await post('/channels', { code: 'quality-test', kind: 'store', name: '春熙路店' })
  const told = (externalId: string, name: string, rest: object) =>
    post('/records', { channel: 'quality-test', record: { externalId, name, ...rest } })
  const whole = { gender: '女', birthDate: '1980-02-03', source: '到店' }
  for (const [at, city] of ['成都', '成都', '成都市', 'Chengdu'].entries())
    await told(`Q-${at}`, '林晚晴', { phone: `1391234000${at}`, city, ...whole })
  wang = (await told('Q-9', '王小明', { city: '重庆', ...whole })).memberId!
  await post('/dictionary/surveys', {})
  await post('/catch-ups', {})
  staff = await openBrowser({ locale: 'zh-CN' })
  page = staff.context.pages()[0] ?? (await staff.context.newPage())
  page.setDefaultTimeout(30_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text())
  })
  await staff.context.addCookies([
    { name: cookie.split('=')[0]!, value: cookie.slice(cookie.indexOf('=') + 1), url: program.url },
  ])
}, 180_000)
afterAll(async () => {
  await staff?.close()
  await program?.stop()
})

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

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const confirm = (name: string) => page.locator('.ant-popconfirm').getByRole('button', { name, exact: true }).click()

describe.sequential('data quality', () => {
  test('spellings are proposed, mapped with one click, written anew and taken back', async () => {
    await at('/settings?tab=dictionary&field=city')
    await button('归并为「成都」').waitFor({ timeout: 60_000 })
    expect(await barriers(page)).toEqual([])
    await button('归并为「成都」').click()
    await page.getByText('有 2 处还是旧写法。').waitFor()
    await button('改写 2 处').click()
    await confirm('改写')
    await page.getByText(/改写了 2 处/).waitFor({ timeout: 60_000 })
    await button('撤销').click()
    await confirm('撤销')
    await page.getByText(/的改写已撤销，退回 2 处/).waitFor({ timeout: 60_000 })
  })

  test('a company or the group adds a field of its own', async () => {
    await button('新建自定义字段').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('字段的键').fill('会员卡')
    await dialog.getByLabel(/简体中文/).fill('会员卡级别')
    expect(await barriers(page)).toEqual([])
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await at('/settings?tab=dictionary&field=custom.会员卡')
    await page.getByRole('heading', { name: /会员卡级别/ }).waitFor()
  })

  test('a number opens its members, and one is put right in place', async () => {
    await post('/catch-ups', {})
    await at('/members')
    await page.getByRole('button', { name: '数据整理' }).click()
    await page.getByRole('link', { name: '数据质量' }).click()
    await page.getByRole('heading', { name: '完整度' }).waitFor()
    const missing = page.getByRole('link', { name: '打开缺手机的 1 位会员' })
    await missing.waitFor()
    expect(await barriers(page)).toEqual([])
    await missing.click()
    await page.getByRole('heading', { name: '缺手机' }).waitFor()
    await page.getByRole('link', { name: '王小明' }).waitFor()
    expect(await barriers(page)).toEqual([])
    await button('改正 王小明：缺手机').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('手机').fill('139 8765 4321')
    await dialog.getByLabel('理由').fill('电话里确认')
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await post('/catch-ups', {})
    await page.reload()
    await page.getByText('这里都改好了').waitFor()
    const reply = await fetch(`${program.url}/api/members/${wang}`, { headers: { cookie } })
    expect(await reply.text()).toContain('4321')
  })

  test('nothing complained', () => {
    expect(complaints).toEqual([])
  })
})
