/**
 * A family comes in record by record, at one address. Today says that somebody should look; pair by pair they are
 * answered by the keyboard; the member page then opens the others, and says by hand what nobody proposed.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
  page.setDefaultTimeout(30_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text())
  })
  await page.goto(program.link)
  await page.getByRole('heading', { name: '今日' }).waitFor()
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

async function ask<T>(method: 'POST' | 'PUT' | 'GET', path: string, data?: object): Promise<T> {
  const answer = await page.request.fetch(`${program.url}/api${path}`, { method, ...(data ? { data } : {}) })
  expect(answer.status(), await answer.text()).toBe(200)
  return answer.json() as Promise<T>
}

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const home = { addressLine: '人民路 88 号 3 栋 1204 室', city: '成都' }
const ids: Record<string, string> = {}

/** The strongest first: family name and address, then the address alone. */
const asked = () =>
  page
    .getByRole('list', { name: '待确认的家人与同行人' })
    .locator('section')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')))

describe.sequential('families', () => {
  test('who comes to one address is before staff at once, and Today says so', async () => {
    const chunxi = { kind: 'store', code: 'chunxi', name: '春熙路店', city: '成都', company: 'chengdu' }
    await ask('PUT', '/organisation/tree', {
      rows: [{ kind: 'company', code: 'chengdu', name: '成都公司' }, chunxi],
    })
    const people = [
      { name: '林建国', birthDate: '1958-03-12', gender: '男', phone: '13800000001', ...home },
      { name: '林晚晴', birthDate: '1987-06-04', gender: '女', phone: '13800000002', ...home },
      { name: '沈知远', birthDate: '1985-01-20', gender: '男', phone: '13800000003', ...home },
      { name: '王大海', birthDate: '1970-02-02', gender: '男', phone: '13800000004', city: '成都' },
    ]
    for (const [index, record] of people.entries()) {
      const put = { channel: 'chunxi', record: { externalId: `C-${index}`, ...record } }
      ids[record.name] = (await ask<{ memberId: string }>('POST', '/records', put)).memberId
    }
    await expect
      .poll(async () => (await ask<{ count: number }>('GET', '/family-proposals')).count, { timeout: 30_000 })
      .toBe(3)
    await at('/today')
    await page.getByRole('heading', { name: '待确认的家人与同行人' }).waitFor()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('link', { name: '去确认' }).last().click()
    await page.getByText('换一行').waitFor()
    expect((await asked()).length).toBe(3)
    expect((await asked())[0]).toBe('林建国, 林晚晴')
    expect(await barriers(page)).toEqual([])
  })

  test('each pair is answered by one key', async () => {
    const first = page.getByRole('region', { name: '林建国, 林晚晴' })
    await first.getByText('子女').waitFor()
    await first.getByText('同一地址').waitFor()
    await page.keyboard.press('y')
    await expect.poll(asked, { timeout: 20_000 }).not.toContain('林建国, 林晚晴')
    // The next row by the arrow, whichever it is; the father and his son-in-law are put aside for now.
    const rest = await asked()
    const later = rest.indexOf('林建国, 沈知远')
    for (let row = 0; row < later; row++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('l')
    await expect.poll(asked, { timeout: 20_000 }).toEqual(['林晚晴, 沈知远'])
    await page.keyboard.press('n')
    await page.getByText('没有待确认的家人').waitFor()
  })

  test('the member page shows who belongs to them and why, and opens them', async () => {
    await at(`/members/${ids.林建国}`)
    const family = page.getByRole('region', { name: '家人与同行人', exact: true })
    await family.getByRole('link', { name: '林晚晴' }).waitFor()
    await family.getByText('子女').waitFor()
    await page.getByText('确认了家人或同行人').waitFor()
    expect(await barriers(page)).toEqual([])
    await family.getByRole('link', { name: '林晚晴' }).click()
    await page.getByRole('heading', { name: '林晚晴', level: 1 }).waitFor()
    await family.getByRole('link', { name: '林建国' }).waitFor()
    await family.getByText('父母').waitFor()
  })

  test('what nobody proposed is said by hand, corrected and ended', async () => {
    const family = page.getByRole('region', { name: '家人与同行人', exact: true })
    await family.getByRole('button', { name: '添加' }).click()
    await page.getByRole('searchbox').fill('王大海')
    await page.getByRole('radio', { name: /王大海/ }).check()
    await page.getByRole('combobox', { name: '对方是' }).click()
    await page.getByTitle('同行人', { exact: true }).click()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('button', { name: '保存' }).click()
    await family.getByRole('link', { name: '王大海' }).waitFor()
    await family.getByRole('button', { name: '修改与王大海的关系' }).click()
    await page.getByRole('combobox', { name: '对方是' }).click()
    await page.getByTitle('兄弟姐妹', { exact: true }).click()
    await page.getByRole('button', { name: '保存' }).click()
    await family.getByText('兄弟姐妹').waitFor()
    await family.getByRole('button', { name: '解除与王大海的关系' }).click()
    await page.getByText('以后不再自动提出这两位', { exact: false }).waitFor()
    await page.locator('.ant-popconfirm').getByRole('button', { name: '解除' }).click()
    await family.getByRole('link', { name: '王大海' }).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })
})
