/** Somebody looks at a phone, somebody else may not do what he tries: the auditor finds both, and that nothing was altered. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

let program: Program
let browser: Browser
let page: Page

beforeAll(async () => {
  program = await startProgram()
  browser = await openBrowser({ locale: 'zh-CN' })
  page = browser.context.pages()[0] ?? (await browser.context.newPage())
  page.setDefaultTimeout(20_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(program.link)
  await page.getByRole('heading', { name: '今日' }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  await program?.stop()
})

async function api<T>(method: string, path: string, data: object): Promise<T> {
  const reply = await browser.context.request.fetch(`${program.url}/api${path}`, { method, data })
  expect([path, reply.status()]).toEqual([path, 200])
  return (await reply.json()) as T
}

test('a look and a refused attempt are found, told in words, exported, and the log is in order', async () => {
  await api('POST', '/channels', { code: 'chunxi', kind: 'store', name: '春熙路店' })
  const { memberId } = await api<{ memberId: string }>('POST', '/records', {
    channel: 'chunxi',
    record: { externalId: 'A1', name: '林晚晴', phone: '138 0806 6721' },
  })
  const { key } = await api<{ key: string }>('POST', '/api-keys', { name: '夜间同步', role: 'auditor' })
  const refused = await fetch(`${program.url}/api/channels`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ code: 'x', kind: 'store' }),
  })
  expect(refused.status).toBe(403)

  // The look itself, by the page.
  await page.goto(`${program.url}/console/members/${memberId}`)
  await page.getByText('还没有人看过。').waitFor()
  await page.getByRole('button', { name: /手机/ }).first().click()
  await page.getByRole('button', { name: '显示 30 秒' }).click()
  await page.getByText(/138 ?0806 ?6721/).waitFor()
  await page.getByText('回访电话').waitFor()
  await page.getByRole('link', { name: '在审计里看全部' }).click()

  // Only what is about this member.
  await page.getByText('关于会员：林晚晴').waitFor()
  await page.getByText('查看了完整的手机').waitFor()
  expect(await page.getByText('想要：开通渠道').count()).toBe(0)
  await page.getByRole('button', { name: '看全部' }).click()
  await page.getByText('想要：开通渠道').waitFor()
  await page.getByText('被拒绝：你的角色不能做这件事。').waitFor()
  expect(await page.locator('main').textContent()).not.toContain('6721')

  // By words of the reason, which stay in the address.
  await page.getByRole('searchbox', { name: '理由里的字' }).fill('回访')
  await page.waitForURL(/reason=/)
  await page.getByText('想要：开通渠道').waitFor({ state: 'detached' })
  await page.reload()
  await page.getByText('查看了完整的手机').waitFor()
  const found = page.locator('details')
  expect(await found.count()).toBe(1)
  await found.locator('summary').focus()
  await page.keyboard.press('Enter')
  await page.getByText('members.reveal', { exact: true }).waitFor()
  expect(await barriers(page)).toEqual([])

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: '导出 CSV' }).click()
  const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\r\n')
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain('postMembersMemberIdReveals')

  await page.getByRole('button', { name: /尚未核对|还没有封存/ }).click()
  await page.getByRole('button', { name: '现在核对' }).click()
  await page.getByText('已封存，无改动').waitFor()
  expect(await barriers(page)).toEqual([])
})
