/**
 * Consents and rights on the real program: a customer whom a store knows joins and chooses, withdraws, takes their data
 * along, has themselves erased by a fresh code, is gone for staff too, and can come back.
 */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

const phone = '13808066721'
const shots = process.env.SHOTS

let program: Program
let browser: Browser
let page: Page
let cookie = ''
const complaints: string[] = []

beforeAll(async () => {
  program = await startProgram()
  await storeKnows()
  browser = await openBrowser({ locale: 'zh-CN', viewport: { width: 390, height: 844 } })
  page = browser.context.pages()[0] ?? (await browser.context.newPage())
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text())
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

async function api<T>(path: string, body?: object): Promise<T> {
  const reply = await fetch(`${program.url}/api${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', cookie },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  expect([path, reply.status]).toEqual([path, 200])
  cookie ||= reply.headers.get('set-cookie')?.split(';')[0] ?? ''
  return (await reply.json()) as T
}

async function storeKnows(): Promise<void> {
  await api('/sessions', { token: program.link.split('token=')[1] })
  await api('/channels', { code: 'store-a', kind: 'store', name: '春熙路店' })
  const record = { externalId: 'M-1', name: '林晚晴', phone, email: 'wanqing@example.com', city: '成都' }
  await api('/records', { channel: 'store-a', record })
  await api('/orders', {
    channel: 'store-a',
    number: 'M-A-1',
    customerExternalId: 'M-1',
    orderedAt: new Date().toISOString(),
    lines: [{ product: '川西环线 5 日', amountMinor: 976_000 }],
  })
}

const found = async () =>
  (await api<{ members: { id: string }[] }>(`/members?search=${encodeURIComponent(phone)}`)).members

/** The newest code in the outbox of the sandbox, other than those seen. */
const seen = new Set<string>()
async function freshCode(): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const { messages } = await api<{ messages: { id: string; text: string }[] }>(`/sandbox/sms?phone=${phone}`)
    const newest = messages[0]
    if (newest && !seen.has(newest.id)) {
      seen.add(newest.id)
      return /\d{6}/.exec(newest.text)![0]
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('No code came into the outbox')
}

const looks = async (name: string) => {
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [390, 820, 1440]) {
      await page.setViewportSize({ width, height: 900 })
      const over = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
      if (over > 0) problems.push(`${name}: ${over} px too wide at ${width}`)
      if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png`, fullPage: true })
    }
    problems.push(...(await barriers(page)))
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
  return problems
}

async function joinBy(choices: readonly string[]): Promise<void> {
  await page.goto(`${program.url}/m/`)
  await page.getByLabel('手机号').fill(phone)
  await page.getByRole('button', { name: '获取验证码' }).click()
  await page.getByLabel('短信验证码').fill(await freshCode())
  await page.getByRole('heading', { name: '加入之前' }).waitFor()
  for (const name of choices) await page.getByRole('checkbox', { name }).check()
  expect(await looks('agreement')).toEqual([])
  await page.getByRole('button', { name: '同意并加入' }).click()
}

describe.sequential('a member', () => {
  test('reads what joining asks, and chooses', async () => {
    await joinBy(['短信优惠'])
    await page.getByText('林晚晴').first().waitFor()
  })

  test('sees each consent with what it means, and withdraws one by the keyboard', async () => {
    await page.getByRole('link', { name: '我的' }).click()
    await page.getByRole('link', { name: /隐私/ }).click()
    const sms = page.getByRole('switch', { name: '短信优惠' })
    await sms.waitFor()
    expect(await sms.getAttribute('aria-checked')).toBe('true')
    expect(await page.getByRole('switch', { checked: true }).count()).toBe(1)
    expect(await looks('privacy')).toEqual([])
    await sms.focus()
    await page.keyboard.press('Space')
    await expect.poll(() => sms.getAttribute('aria-checked')).toBe('false')
    await page.getByText(/撤回$/).waitFor()
    const [member] = await found()
    const { consents } = await api<{ consents: { topic: string; state: string }[] }>(`/members/${member!.id}/privacy`)
    expect(consents.find(({ topic }) => topic === 'sms.marketing')!.state).toBe('withdrawn')
  })

  test('takes along everything that is held, to read and as a file', async () => {
    const [member] = await found()
    const body = { recordId: member!.id, field: 'phone', reason: '回电核对' }
    await api(`/members/${member!.id}/reveals`, body)
    await page.getByRole('link', { name: '查看并下载' }).click()
    await page.getByRole('button', { name: '生成' }).click()
    await page.getByText('wanqing@example.com').waitFor()
    await page.getByText('+8613808066721').first().waitFor()
    expect(await looks('held')).toEqual([])
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: '下载 JSON 文件' }).click()
    const file = JSON.parse(await readFile(await (await coming).path(), 'utf8'))
    expect(file).toMatchObject({
      orders: [{ number: 'M-A-1', amountMinor: 976_000 }],
      looks: [{ by: 'staff', role: 'administrator', place: null }],
    })
    expect(file.records).toHaveLength(2)
    await page.goto(`${program.url}/m/privacy`)
    await page.getByRole('cell', { name: '管理员' }).waitFor()
  })

  test('speaks three languages on every one of these pages', async () => {
    for (const [language, title, erase] of [
      ['Русский', 'Приватность', 'Удаление учётной записи'],
      ['English', 'Privacy', 'Erase my account'],
      ['简体中文', '隐私', '删除账户'],
    ] as const) {
      await page.goto(`${program.url}/m/profile`)
      await page.getByRole('radio', { name: language }).check()
      await page.goto(`${program.url}/m/privacy`)
      await page.getByRole('heading', { name: title, exact: true }).waitFor()
      expect(await looks(`privacy-${title}`)).toEqual([])
      await page.goto(`${program.url}/m/privacy/erase`)
      await page.getByRole('heading', { name: erase, exact: true }).waitFor()
      await page.getByText(/9[,\s]760/).waitFor()
      expect(await looks(`erase-${title}`)).toEqual([])
    }
  })

  test('is erased by a fresh code, for staff too', async () => {
    await page.getByText('账目需要的订单：1 笔，不带姓名和联系方式').waitFor()
    // A minute lies between two codes.
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: '发送验证码' }).click()
          return page
            .getByLabel('短信验证码')
            .waitFor({ timeout: 2_000 })
            .then(
              () => true,
              () => false,
            )
        },
        { timeout: 90_000, interval: 3_000 },
      )
      .toBe(true)
    const code = await freshCode()
    await page.getByLabel('短信验证码').fill(code === '111111' ? '222222' : '111111')
    await page.getByRole('button', { name: '永久删除' }).click()
    await page.getByRole('alert').getByText('验证码不对，或已过期。').waitFor()
    const [member] = await found()
    await page.getByLabel('短信验证码').fill(code)
    await page.getByRole('button', { name: '永久删除' }).click()
    await page.getByRole('heading', { name: '正在删除' }).waitFor()
    expect(await looks('erased')).toEqual([])
    await expect.poll(found, { timeout: 30_000 }).toEqual([])
    await page.getByRole('button', { name: '回到首页' }).click()
    await page.getByRole('heading', { name: '登录或加入' }).waitFor()
    const { person } = await api<{ person: { name: string | null; records: unknown[] } }>(`/members/${member!.id}`)
    expect([person.name, person.records]).toEqual([null, []])
  })
})

describe.sequential('staff', () => {
  const speak = (language: string) => page.evaluate(`localStorage.setItem('roundtrip.language', '${language}')`)
  let memberId = ''

  test('see the consents of a member, and note what was said at the counter', async () => {
    const record = { externalId: 'M-2', name: '王建国', phone: '13900005678' }
    memberId = (await api<{ memberId: string }>('/records', { channel: 'store-a', record })).memberId
    const [name, value] = cookie.split('=') as [string, string]
    await browser.context.addCookies([{ name, value, url: program.url }])
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${program.url}/console/members/${memberId}?tab=privacy`)
    const row = page.getByRole('listitem').filter({ hasText: '电话推荐' })
    await row.getByRole('button', { name: '记录' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('顾问可以打电话向你推荐行程。').waitFor()
    await dialog.getByLabel('凭证在哪里').fill('签字表 2026-17')
    await dialog.getByRole('button', { name: '保存' }).click()
    await row.getByText('同意', { exact: true }).waitFor()
    await row.getByText(/员工记录/).waitFor()
  })

  test('find requests, texts, rules and the record in the settings, in three languages', async () => {
    for (const [language, title] of [
      ['ru', 'Реестр обработки'],
      ['en', 'Record of processing'],
      ['zh-CN', '处理活动记录'],
    ] as const) {
      await page.goto(`${program.url}/console/members/${memberId}?tab=privacy`)
      await speak(language)
      await page.reload()
      await page
        .locator('li')
        .filter({ hasText: /电话推荐|Offers by telephone|Предложения: телефон/ })
        .waitFor()
      expect(await looks(`console-member-${language}`)).toEqual([])
      await page.goto(`${program.url}/console/settings?tab=privacy`)
      await page.getByRole('heading', { name: title }).waitFor()
      expect(await looks(`console-settings-${language}`)).toEqual([])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByText('不可还原的码，防止导入').waitFor()
    await page.getByRole('listitem').filter({ hasText: '本人' }).getByText('已完成').first().waitFor()
  })

  test('write a new version of a text, and keep error files for other days', async () => {
    const row = page.getByRole('listitem').filter({ hasText: '短信优惠' })
    await row.getByRole('button', { name: '写新版' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('标题').first().fill('短信里的优惠')
    await dialog.getByRole('button', { name: '启用第 2 版' }).click()
    await page.getByRole('listitem').filter({ hasText: '短信里的优惠' }).getByText('第 2 版').waitFor()
    const rule = page.getByRole('listitem').filter({ hasText: '错误文件和样例' })
    await rule.getByRole('spinbutton').fill('14')
    await rule.getByRole('button', { name: '保存' }).click()
    await expect
      .poll(async () => {
        const { rules } = await api<{ rules: { kind: string; days: number }[] }>('/privacy/retention')
        return rules.find(({ kind }) => kind === 'error_files')!.days
      })
      .toBe(14)
    await page.getByText('没有这样的会员。').waitFor()
  })

  test('erase a member for a reason, after reading what goes and what stays', async () => {
    await page.goto(`${program.url}/console/members/${memberId}?tab=privacy`)
    await page.getByRole('button', { name: '删除会员' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('会消失：1 份来源记录').waitFor()
    await dialog.getByText(/1 条同意凭证/).waitFor()
    await dialog.getByLabel('原因').fill('王建国 来信要求')
    if (shots) await page.screenshot({ path: `${shots}/console-erase.png` })
    await dialog.getByRole('button', { name: '删除 1 份记录' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await expect
      .poll(async () => (await api<{ erasedAt: string | null }>(`/members/${memberId}/privacy`)).erasedAt !== null, {
        timeout: 30_000,
      })
      .toBe(true)
    await page.reload()
    await page.getByText('按请求删除，只留下编号').waitFor()
    if (shots) await page.screenshot({ path: `${shots}/console-erased.png` })
    const { requests } = await api<{ requests: { memberId: string; reason: string | null }[] }>('/privacy/requests')
    expect(requests.find((one) => one.memberId === memberId)!.reason).toBe('••• 来信要求')
  })
})

test('nothing was complained of on the way', () => {
  expect(complaints).toEqual([])
})
