/**
 * Files out of the program, on the real one: asked for from the member list with a reason, taken from the page of
 * exports and by the command line, approved for somebody else, and traced by a row that turned up.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

const run = promisify(execFile)
let program: Program
let browser: Browser
let page: Page
let key: string
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
  const tell = async (path: string, data: object) => {
    const reply = await page.request.post(`${program.url}/api${path}`, { data })
    expect([path, reply.status()]).toEqual([path, 200])
    return reply.json()
  }
  await tell('/channels', { code: 'chunxi', kind: 'store', name: '春熙路店' })
  for (const [n, name] of ['林晚晴', '王建国', '李小红'].entries())
    await tell('/records', {
      channel: 'chunxi',
      record: { externalId: `C${n}`, name, city: '成都', phone: `1391234007${n}` },
    })
  ;({ key } = await tell('/api-keys', { name: '夜间脚本', role: 'administrator' }))
}, 180_000)
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

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const button = (name: string) => page.getByRole('button', { name, exact: true })
const dialog = () => page.getByRole('dialog')

describe.sequential('an export', () => {
  let mark: string

  test('is asked for from the member list, for a reason', async () => {
    await at('/members?search=林')
    await page.getByRole('link', { name: '林晚晴' }).waitFor()
    await button('导出').click()
    await dialog().getByText('林', { exact: true }).waitFor()
    expect(await barriers(page)).toEqual([])
    await button('开始导出').click()
    await dialog()
      .getByText(/^请写明原因/)
      .waitFor()
    await page.getByLabel('原因').fill('双十一回访')
    await dialog().getByText('CSV', { exact: true }).click()
    await button('开始导出').click()
    await page.waitForURL('**/exports')
    await page.getByText('可以下载').waitFor()
    expect(await barriers(page)).toEqual([])
    const waiting = page.waitForEvent('download')
    await page.getByRole('link', { name: '下载' }).click()
    const file = await (await waiting).path()
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toContain('林晚晴,139 •••• 0070')
    mark = lines[1]!.split(',').at(-1)!
  }, 120_000)

  test('says whose a row is that turned up', async () => {
    await button('查追溯标记').click()
    await page.getByPlaceholder('粘贴最后一列里的内容').fill(mark)
    await page.keyboard.press('Enter')
    await dialog().getByText('双十一回访').waitFor()
    expect(await barriers(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'hidden' })
  }, 60_000)

  test('waits for somebody else once the group rules so', async () => {
    await button('导出规定').click()
    await page.getByLabel('多少行起要别人批准').fill('2')
    expect(await barriers(page)).toEqual([])
    await button('保存').click()
    await dialog().waitFor({ state: 'hidden' })
    const id = crypto.randomUUID()
    const asked = await fetch(`${program.url}/api/exports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, kind: 'members', reason: '夜间备份' }),
    })
    expect(asked.status).toBe(200)
    const state = async () => {
      const reply = await fetch(`${program.url}/api/exports/${id}`, { headers: { authorization: `Bearer ${key}` } })
      return ((await reply.json()) as { state: string }).state
    }
    await expect.poll(state, { timeout: 30_000 }).toBe('waiting')
    await page.reload()
    await page.getByText('夜间备份').waitFor()
    expect(await barriers(page)).toEqual([])
    await button('批准').click()
    await page.getByLabel('审批意见').fill('核对过了')
    await dialog().getByRole('button', { name: '批准' }).click()
    await dialog().waitFor({ state: 'hidden' })
    await expect.poll(state, { timeout: 30_000 }).toBe('ready')
  }, 120_000)

  test('comes by the command line too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roundtrip-export-'))
    const command = (...words: string[]) =>
      run(join(import.meta.dirname, '../bin/roundtrip'), ['export', ...words], {
        env: { ...process.env, ROUNDTRIP_DATA: program.folder, LOG_LEVEL: 'error' },
      })
    const file = join(folder, '林.csv')
    const { stdout } = await command('members', file, '--reason', '双十一回访', '--search', '林')
    expect(stdout).toMatch(/^1 rows in /)
    expect(await readFile(file, 'utf8')).toContain('林晚晴')
    const traced = await command('trace', (await readFile(file, 'utf8')).split('\r\n')[1]!.split(',').at(-1)!)
    expect(traced.stdout).toContain('双十一回访')
    await rm(folder, { recursive: true })
  }, 120_000)

  test('and no page complained', () => {
    expect(complaints).toEqual([])
  })
})
