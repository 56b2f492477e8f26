/**
 * The member list as somebody likes to see it, on the real program: columns chosen by the keyboard alone, kept with the
 * filters as a view of one's own, changed, renamed and deleted; and the way through the rows without a mouse.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

const people = 60
const nameOf = (n: number) => `王${'零一二三四五六'[Math.floor(n / 10)]}${'零一二三四五六七八九'[n % 10]}`
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
  await page.goto(program.link)
  await page.getByRole('heading', { name: '今日' }).waitFor()
  const tell = async (path: string, data: object) => {
    const reply = await page.request.post(`${program.url}/api${path}`, { data })
    expect([path, reply.status()]).toEqual([path, 200])
  }
  for (const [code, name] of [
    ['chunxi', '春熙路店'],
    ['taikoo', '太古里店'],
  ])
    await tell('/channels', { code, kind: 'store', name })
  for (let n = 1; n <= people; n++)
    await tell('/records', {
      channel: n % 3 ? 'chunxi' : 'taikoo',
      record: { externalId: `C${n}`, name: nameOf(n), city: '成都', gender: '女' },
    })
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
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const heads = () => page.getByRole('columnheader').allTextContents()
const press = async (...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}
/** Number of the row that has the focus, from 0. */
const row = () => page.evaluate(`document.activeElement?.closest('tr')?.dataset.at ?? null`)
const focused = (of: string) => page.evaluate(`document.activeElement?.${of} ?? null`)
const search = () => new URL(page.url()).searchParams

describe.sequential('the member list', () => {
  test('shows the columns that were chosen by the keyboard, in their order, and so does its address', async () => {
    await at('/members')
    await page.getByRole('link', { name: nameOf(people) }).waitFor()
    expect(await heads()).toEqual(['姓名', '手机', '城市', '记录', '订单', '消费', '积分', '最近下单', '加入'])
    await button('选择列').focus()
    await press('Enter')
    await page.getByRole('dialog', { name: '选择列' }).waitFor()
    await expect.poll(() => focused('name')).toBe('phone')
    expect(await barriers(page)).toEqual([])
    // Away with the phone and the records; the city behind the orders; gender, the last but one, to the front.
    await press('Space', 'ArrowDown', 'Alt+ArrowDown')
    await expect.poll(() => focused('name')).toBe('city')
    await press('Alt+ArrowDown')
    await expect.poll(heads).toEqual(['姓名', '记录', '订单', '城市', '消费', '积分', '最近下单', '加入'])
    await expect.poll(() => focused('name')).toBe('city')
    await press('ArrowUp', 'ArrowUp', 'Space')
    await press('ArrowUp', 'ArrowUp', 'ArrowUp', 'Space')
    await expect.poll(heads).toEqual(['姓名', '订单', '城市', '消费', '积分', '最近下单', '加入', '性别'])
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await focused('textContent')).toBe('选择列')
    expect(search().get('columns')).toBe('name,orders,city,spent,points,lastOrder,since,gender')

    const address = page.url()
    await at('/today')
    await page.goto(address)
    await expect.poll(heads).toEqual(['姓名', '订单', '城市', '消费', '积分', '最近下单', '加入', '性别'])
    await expect.poll(() => page.getByRole('row').nth(1).getByRole('cell').last().textContent()).toBe('女')
  })

  test('is kept with its filters as a view, which opens the same from the left', async () => {
    await page.getByRole('combobox', { name: '渠道' }).click()
    await page.getByTitle('太古里店', { exact: true }).click()
    await expect.poll(() => page.getByText('20 位').count()).toBe(1)
    await button('保存为视图').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('只有自己看得到').waitFor()
    expect(await barriers(page)).toEqual([])
    await expect.poll(() => focused('id')).toBe('name')
    await press('Enter')
    await dialog.getByText('请写一个名称').waitFor()
    await dialog.getByLabel('名称').fill('太古里的客人')
    await press('Enter')
    await page.getByRole('heading', { level: 1, name: '太古里的客人' }).waitFor()
    const link = page.getByRole('region', { name: '我的视图' }).getByRole('link', { name: '太古里的客人' })
    expect(await link.getAttribute('aria-current')).toBe('page')

    await page.getByRole('link', { name: '会员', exact: true }).first().click()
    await page.getByRole('heading', { level: 1, name: '会员' }).waitFor()
    await expect.poll(() => page.getByText('60 位').count()).toBe(1)
    expect(await link.getAttribute('aria-current')).toBeNull()
    await link.click()
    await expect.poll(() => page.getByText('20 位').count()).toBe(1)
    await expect.poll(heads).toEqual(['姓名', '订单', '城市', '消费', '积分', '最近下单', '加入', '性别'])
    expect(search().get('channel')).toBe('taikoo')
    expect(await barriers(page)).toEqual([])
  })

  test('says when it is not as the view was kept, and saves or drops that', async () => {
    await page.getByRole('searchbox').fill('王三')
    await page.getByText('有改动').waitFor()
    await button('撤回改动').click()
    await page.getByText('有改动').waitFor({ state: 'hidden' })
    expect(search().get('search')).toBeNull()
    expect(await page.getByRole('searchbox').inputValue()).toBe('')
    await page.getByRole('searchbox').fill('王三')
    await button('保存改动').click()
    await page.getByText('有改动').waitFor({ state: 'hidden' })
    await at('/today')
    await page.getByRole('link', { name: '太古里的客人' }).click()
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('王三')
    await expect.poll(() => page.getByText('4 位').count()).toBe(1)
  })

  test('a second view has a name of its own; renamed and deleted, nobody is lost', async () => {
    await at('/members?show=new')
    await button('保存为视图').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('名称').fill('太古里的客人')
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.getByRole('alert').getByText('已有叫「太古里的客人」的视图').waitFor()
    await dialog.getByLabel('名称').fill('新来的')
    await dialog.getByRole('button', { name: '保存' }).click()
    await page.getByRole('heading', { level: 1, name: '新来的' }).waitFor()

    await button('视图「新来的」的操作').click()
    await page.getByRole('menuitem', { name: '改名' }).click()
    await dialog.getByLabel('名称').fill('本周新来的')
    await press('Enter')
    await page.getByRole('heading', { level: 1, name: '本周新来的' }).waitFor()
    const names = () => page.getByRole('region', { name: '我的视图' }).getByRole('link').allTextContents()
    await expect.poll(names).toEqual(['太古里的客人', '本周新来的'])

    await button('视图「本周新来的」的操作').click()
    await page.getByRole('menuitem', { name: '删除视图' }).click()
    await page.getByRole('dialog').getByText('会员不受影响').waitFor()
    expect(await barriers(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: '删除视图' }).click()
    await page.getByRole('heading', { level: 1, name: '会员' }).waitFor()
    await expect.poll(names).toEqual(['太古里的客人'])
    expect(search().get('show')).toBe('new')
  })

  test('is walked by the keyboard, and coming back from a member the same row has the focus', async () => {
    await at('/members')
    await page.getByRole('link', { name: nameOf(people) }).waitFor()
    await press('/')
    expect(await focused('type')).toBe('search')
    await press('ArrowDown')
    await expect.poll(row).toBe('0')
    await press('ArrowDown', 'ArrowDown')
    await expect.poll(row).toBe('2')
    expect(await page.locator('tr[data-at="2"] a').evaluate((link) => link.matches(':focus-visible'))).toBe(true)
    await press('ArrowUp')
    await expect.poll(row).toBe('1')
    await press('End')
    await expect.poll(row).toBe(String(people - 1))
    await press('PageUp')
    await expect.poll(async () => Number(await row())).toBeLessThan(people - 5)
    await press('Home')
    await expect.poll(row).toBe('0')
    await press('PageDown', 'PageDown')
    await expect.poll(async () => Number(await row())).toBeGreaterThan(15)
    const left = await row()
    const name = String(await focused('textContent'))
    // One row is a stop of Tab, not each of sixty.
    expect(await page.locator('td a[tabindex="0"]').count()).toBe(1)

    await press('Enter')
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await page.goBack()
    await expect.poll(row).toBe(left)
    expect(await focused('textContent')).toBe(name)
    expect(await page.locator(`tr[data-at="${left}"]`).isVisible()).toBe(true)
    await press('/')
    await page.keyboard.type('/')
    expect(await page.getByRole('searchbox').inputValue()).toBe('/')
  })

  test('has its views on a tablet and on a phone too', async () => {
    for (const width of [820, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await at('/members')
      await page.getByRole('link', { name: nameOf(people) }).waitFor()
      await button('我的视图').click()
      await page.getByRole('menuitem', { name: '太古里的客人' }).click()
      await page.getByRole('heading', { level: 1, name: '太古里的客人' }).waitFor()
      expect(await barriers(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    }
    expect(await button('选择列').isVisible()).toBe(false)
    expect(complaints).toEqual([])
  })
})
