/**
 * Telling who is one person, on the real program: pairs are decided by the keyboard alone and taken back, lines of
 * evidence are moved by keys and dragged, a run is started, a shared phone is overruled.
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
  page.setDefaultTimeout(20_000)
  await page.emulateMedia({ reducedMotion: 'reduce' })
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

const at = (path: string) => page.goto(`${program.url}/console${path}`)
const press = (key: string) => page.keyboard.press(key)
const heading = (name: string) => page.getByRole('heading', { name, exact: true })

async function api(method: string, path: string, data?: unknown) {
  const reply = await browser.context.request.fetch(`${program.url}/api${path}`, { method, data })
  expect(reply.ok(), `${method} ${path}: ${await reply.text()}`).toBe(true)
  return reply.json()
}

const reviews = async () => (await api('GET', '/reviews')) as { count: number; reviews: { a: string; b: string }[] }

/** Six couples who share a phone: each is a pair to decide. */
const couples = ['林晚晴 王建国', '赵小雨 孙立人', '周若兰 吴长风', '郑碧云 冯思远', '陈晓楠 褚景行', '卫子衿 蒋望舒']

describe.sequential('who is one person', () => {
  test('pairs to decide are met on Today and opened from there', async () => {
    await page.goto(program.link)
    await heading('今日').waitFor()
    for (const [code, name] of [
      ['chunxi', '春熙路店'],
      ['taikoo', '太古里店'],
    ])
      await api('POST', '/channels', { code, name, kind: 'store' })
    for (const [at, couple] of couples.entries())
      for (const [side, name] of couple.split(' ').entries())
        await api('POST', '/records', {
          channel: side === 0 ? 'chunxi' : 'taikoo',
          record: {
            externalId: `C-${at}`,
            name,
            phone: `1380806672${at}`,
            birthDate: side === 0 ? `198${at}-06-04` : `197${at}-12-2${at}`,
            city: '成都',
          },
        })
    expect((await reviews()).count).toBe(6)
    await at('/today')
    await page.getByRole('link', { name: '逐对判断' }).focus()
    await press('Enter')
    await heading('是同一个人吗').waitFor()
    await page.getByText('第 1 对，共 6 对').waitFor()
  })

  test('are decided by the keyboard alone: one person, two, later', async () => {
    expect(await barriers(page)).toEqual([])
    const names = () => page.locator('thead th a').allTextContents()
    const first = await names()
    await press('j')
    await page.getByText('第 2 对，共 6 对').waitFor()
    expect(await names()).not.toEqual(first)
    await press('k')
    await page.getByText('第 1 对，共 6 对').waitFor()
    expect(await names()).toEqual(first)
    // What differs in a birth date is marked within it.
    await page.locator('mark').first().waitFor()

    await press('n')
    await page.keyboard.type('jdsl')
    await press('Escape')
    await page.getByText('第 1 对，共 6 对').waitFor()
    await press('d')
    await page.getByText('第 2 对，共 6 对').waitFor()
    expect((await reviews()).count).toBe(5)
    await press('s')
    await page.getByText('第 3 对，共 6 对').waitFor()
    await press('l')
    await page.getByText('第 4 对，共 6 对').waitFor()
    expect((await reviews()).count).toBe(3)
  })

  test('an answer is taken back, the last one first', async () => {
    await press('u')
    await page.getByText('第 3 对，共 6 对').waitFor()
    await press('u')
    await page.getByText('第 2 对，共 6 对').waitFor()
    await press('u')
    await page.getByText('第 1 对，共 6 对').waitFor()
    expect((await reviews()).count).toBe(6)
    const { members } = await api('GET', '/members?limit=50')
    expect(members).toHaveLength(12)
  })

  test('the rest are decided, and nothing is left', async () => {
    for (let left = 6; left > 0; left--) {
      await press('s')
      await page
        .getByText(left > 1 ? `第 ${8 - left} 对，共 6 对` : '判断完了，共 6 对')
        .first()
        .waitFor()
    }
    expect((await reviews()).count).toBe(0)
    expect((await api('GET', '/members?limit=50')).members).toHaveLength(6)
    expect(await barriers(page)).toEqual([])
  })

  test('a run is started, goes on and is told; its lines are moved by keys and dragged', async () => {
    // People whom two stores know by name, birth date and city, one of them with a slip of the pen.
    for (const [at, couple] of couples.entries())
      for (const channel of ['chunxi', 'taikoo'])
        await api('POST', '/records', {
          channel,
          record: {
            externalId: `M-${at}`,
            name: `欧阳${couple.slice(1, 3)}`,
            birthDate: `199${at}-0${(at % 3) + 1}-1${at}`,
            city: '成都',
            addressLine: `人民路 ${at} 号`,
          },
        })
    await at('/settings?tab=matching')
    await heading('从多少证据起合并').waitFor()
    await page.getByRole('button', { name: '试算' }).focus()
    await press('Enter')
    await page.getByRole('row').filter({ hasText: '试算' }).first().waitFor()
    const join = page.getByRole('slider', { name: '合并线' })
    await join.waitFor()
    expect(await barriers(page)).toEqual([])
    const before = Number(await join.getAttribute('aria-valuenow'))
    await join.focus()
    await press('PageUp')
    await press('ArrowRight')
    expect(Number(await join.getAttribute('aria-valuenow'))).toBeGreaterThan(before + 4)
    const box = (await join.boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 - 120, box.y + box.height / 2, { steps: 5 })
    await page.mouse.up()
    const dragged = Number(await join.getAttribute('aria-valuenow'))
    expect(dragged).toBeLessThan(before + 4)
    // The button says how many pairs move.
    await page.getByRole('button', { name: /^保存，[\d,]+ 对换段$/ }).click()
    await page.getByText('由集团定').waitFor()
    expect(await api('GET', '/matching-settings')).toMatchObject({ joinFrom: dragged })
    await page.getByRole('button', { name: '让每次比对自己定' }).click()
    await page.getByText('由每次比对自己定').waitFor()
    expect(await api('GET', '/matching-settings')).toMatchObject({ joinFrom: null, reviewFrom: null })
  })

  test('the member page says why two records are one', async () => {
    const { members } = await api('GET', '/members?limit=50')
    const joined = members.find(({ records }: { records: number }) => records > 1)
    await at(`/members/${joined.id}`)
    await page.getByRole('button', { name: '比较' }).click()
    const why = page.getByRole('region', { name: '为什么是同一个人，或不是' })
    await why.getByText('现在已经是一位会员').waitFor()
    await why.getByText('出生日期').waitFor()
    expect(await barriers(page)).toEqual([])
    await press('Escape')
  })

  test('a phone of many names is shown with its reasons and overruled', async () => {
    for (const [at, name] of ['林一', '王二', '赵三', '钱四', '孙五'].entries())
      for (const channel of at === 0 ? ['chunxi', 'taikoo'] : ['chunxi'])
        await api('POST', '/records', { channel, record: { externalId: `S-${at}`, name, phone: '13900001234' } })
    await at('/members/shared')
    const row = page.getByRole('listitem').filter({ hasText: '5 个不同的姓名用它' })
    await row.getByText('不用来合并').first().waitFor()
    await row.getByText('看起来是代订').waitFor()
    expect(await row.textContent()).not.toContain('13900001234')
    expect(await barriers(page)).toEqual([])
    await row.getByRole('button', { name: '照常合并' }).click()
    await page.getByRole('dialog').getByLabel('原因').fill('一家人的电话')
    await press('Enter')
    await page.getByText('会员从 6 位变为 5 位').waitFor()
    await page.getByText('“一家人的电话”').waitFor()
    expect(complaints).toEqual([])
  })
})
