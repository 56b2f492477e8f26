/**
 * Everyone sees exactly what they may, through the page: an administrator adds the manager of one store, who comes in by
 * the link and sees that store's members, orders and imports and no settings of the group; seeing as the manager shows
 * the same and changes nothing; leaving hands the manager's members on.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { barriers } from './accessible.ts'
import { type Browser, openBrowser } from './chromium.ts'
import { type Program, startProgram } from './program.ts'

let program: Program
let browser: Browser
let managersBrowser: Browser
let page: Page
let manager: Page
const complaints: string[] = []

function listenTo(which: Page): void {
  which.setDefaultTimeout(20_000)
  which.on('pageerror', (error) => complaints.push(error.message))
  which.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text())
  })
  // A page that asks for what its person may not have looks broken to them.
  which.on('response', (response) => {
    if (response.status() === 403) complaints.push(`${response.request().method()} ${response.url()} was refused`)
  })
}

beforeAll(async () => {
  program = await startProgram()
  browser = await openBrowser({ locale: 'zh-CN' })
  managersBrowser = await openBrowser({ locale: 'zh-CN' })
  page = browser.context.pages()[0] ?? (await browser.context.newPage())
  manager = managersBrowser.context.pages()[0] ?? (await managersBrowser.context.newPage())
  for (const each of [page, manager]) {
    listenTo(each)
    await each.emulateMedia({ reducedMotion: 'reduce' })
  }
  await page.goto(program.link)
  await page.getByRole('heading', { name: '今日' }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  await managersBrowser?.close()
  await program?.stop()
})

// The steps build on each other: after one that fails the rest would only wait for what isn't there.
let failed = false
beforeEach(({ skip }) => skip(failed, 'an earlier step failed'))
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail'
})

async function ask<T>(method: 'POST' | 'PUT', path: string, data: object): Promise<T> {
  const answer = await page.request.fetch(`${program.url}/api${path}`, { method, data })
  expect(answer.status(), await answer.text()).toBe(200)
  return answer.json() as Promise<T>
}

const at = (path: string, on = page) => on.goto(`${program.url}/console${path}`)
const button = (name: string | RegExp, on = page) => on.getByRole('button', { name, exact: typeof name === 'string' })
const area = (name: string, on = page) =>
  on.getByRole('navigation', { name: '各个部分' }).getByRole('link', { name, exact: true })
const choose = async (label: string, option: string) => {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.getByTitle(option, { exact: true }).click()
}
const names = (on: Page) => on.locator('a[href*="/console/members/"]').allInnerTexts()

const shared = { name: '林晚晴', phone: '13808066721', phoneVerified: true }
let ofChunxi: string
let ofTaikoo: string

describe.sequential('staff', () => {
  test('a group of two stores, of which one member is shared', async () => {
    await ask('PUT', '/organisation/tree', {
      rows: [
        { kind: 'company', code: 'chengdu', name: '成都公司' },
        { kind: 'store', code: 'chunxi', name: '春熙路店', city: '成都', company: 'chengdu' },
        { kind: 'store', code: 'taikoo', name: '太古里店', city: '成都', company: 'chengdu' },
      ],
    })
    const record = async (channel: string, externalId: string, of: object) =>
      (await ask<{ memberId: string }>('POST', '/records', { channel, record: { externalId, ...of } })).memberId
    ofChunxi = await record('chunxi', 'C-1', shared)
    await record('taikoo', 'T-1', shared)
    ofTaikoo = await record('taikoo', 'T-2', { name: '赵大海', phone: '13900000002' })
    const order = (channel: string, number: string, externalId: string, amountMinor: number) =>
      ask('POST', '/orders', {
        channel,
        number,
        customerExternalId: externalId,
        orderedAt: '2026-05-01T10:00:00+08:00',
        lines: [{ amountMinor }],
      })
    await order('chunxi', 'A-1', 'C-1', 98_000)
    await order('taikoo', 'B-1', 'T-1', 120_000)
    for (const [channel, fileName] of [
      ['chunxi', '春熙路.csv'],
      ['taikoo', '太古里.csv'],
    ])
      await ask('POST', '/imports', { id: crypto.randomUUID(), fileName, channel, as: 'members' })
  })

  test('the administrator adds a manager for one store and makes the link', async () => {
    await at('/settings?tab=staff')
    await page.getByText('1 位在职').waitFor()
    expect(await barriers(page)).toEqual([])
    await button('添加员工').click()
    await page.getByLabel('姓名', { exact: true }).fill('王芳')
    await page.getByRole('textbox', { name: '登录名' }).fill('wang@example.com')
    await choose('角色', '店长')
    await choose('在哪里生效', '春熙路店')
    expect(await barriers(page)).toEqual([])
    await button('添加', page).click()
    await page.getByRole('dialog', { name: '王芳' }).waitFor()
    await button('生成链接').click()
    const link = await page.getByRole('textbox', { name: '登录链接' }).inputValue()
    await page.getByRole('img', { name: '登录链接' }).waitFor()
    expect(await barriers(page)).toEqual([])
    await button('完成').click()
    await page.getByText('2 位在职').waitFor()

    await manager.goto(link)
    await manager.getByRole('heading', { name: '今日' }).waitFor()
  })

  test('the manager sees the members, orders and imports of that store', async () => {
    await area('会员', manager).click()
    await manager.getByText('1 位', { exact: true }).waitFor()
    expect((await names(manager)).join()).toContain('林晚晴')
    expect((await names(manager)).join()).not.toContain('赵大海')
    await at(`/members/${ofChunxi}?tab=orders`, manager)
    await manager.getByText('A-1').waitFor()
    expect(await manager.getByText('B-1').count()).toBe(0)
    await manager.getByText('另有 1 条来源记录在集团其他门店').waitFor()
    await manager.getByRole('tab', { name: '积分' }).click()
    await manager.getByText('可用积分').first().waitFor()
    expect(await barriers(manager)).toEqual([])

    await area('导入', manager).click()
    await manager.getByText('春熙路.csv').waitFor()
    expect(await manager.getByText('太古里.csv').count()).toBe(0)
    await area('渠道', manager).click()
    await manager.getByText('春熙路店').waitFor()
    expect(await manager.getByText('太古里店').count()).toBe(0)
    expect(await manager.getByRole('button', { name: /改名/ }).count()).toBe(0)
    await area('今日', manager).click()
    await manager.getByRole('heading', { name: '今日' }).waitFor()
  })

  test('and no settings of the group, nor members of the other store by their address', async () => {
    await area('设置', manager).click()
    await manager.getByRole('tab', { name: '员工' }).waitFor()
    const tabs = await manager.getByRole('tab').allInnerTexts()
    expect(tabs).not.toContain('集团')
    expect(tabs).not.toContain('程序运行')
    expect(tabs).not.toContain('登录与密钥')
    await at('/settings?tab=group', manager)
    await manager.getByRole('tab', { name: '员工' }).click()
    expect(await manager.getByLabel('集团名称').count()).toBe(0)
    // Only whoever works there, and not the administrator.
    await manager.getByText('1 位在职').waitFor()
    await at('/points', manager)
    await manager.getByRole('heading', { name: '已付款的订单' }).waitFor()
    expect(await button('新建规则', manager).count()).toBe(0)

    await at(`/members/${ofTaikoo}`, manager)
    await manager.getByText('没有这位会员').waitFor()
    // The manager may not give what only the group gives.
    await at('/settings?tab=staff', manager)
    await button('添加员工', manager).click()
    await manager.getByRole('combobox', { name: '在哪里生效' }).click()
    await manager.getByTitle('春熙路店', { exact: true }).waitFor()
    expect(await manager.getByTitle('全集团', { exact: true }).count()).toBe(0)
    expect(await manager.getByTitle('太古里店', { exact: true }).count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('the manager puts themselves in charge of the member', async () => {
    await at(`/members/${ofChunxi}`, manager)
    await manager.getByRole('region', { name: '门店与服务人员' }).getByRole('button', { name: '添加' }).click()
    await manager.getByRole('combobox', { name: '员工', exact: true }).click()
    await manager.getByTitle('王芳（我）', { exact: true }).click()
    await manager.getByLabel('原因').fill('客户指定')
    expect(await barriers(manager)).toEqual([])
    await button('保存', manager).click()
    await manager.getByRole('region', { name: '门店与服务人员' }).getByText('王芳').waitFor()
  })

  test('seeing as the manager shows the same, and changes nothing', async () => {
    await at('/settings?tab=staff')
    await button('以王芳的身份查看').click()
    await page.getByText('你看到的是王芳的控制台，不能改动任何内容。').waitFor()
    await area('会员').click()
    await page.getByText('1 位', { exact: true }).waitFor()
    expect((await names(page)).join()).not.toContain('赵大海')
    await page.getByRole('link', { name: '林晚晴' }).first().click()
    await page.getByText('另有 1 条来源记录在集团其他门店').waitFor()
    expect(await barriers(page)).toEqual([])
    for (const act of ['合并', '调整积分', '添加']) expect(await button(act).count(), act).toBe(0)
    expect(await page.getByRole('button', { name: /查看完整的/ }).count()).toBe(0)
    await area('导入').click()
    await page.getByText('春熙路.csv').waitFor()
    expect(await page.getByRole('link', { name: '导入文件' }).count()).toBe(0)
    await at('/imports/new')
    await page.getByText('这一页不在你的权限里').waitFor()
    const written = await page.request.put(`${program.url}/api/members/${ofChunxi}/stores/chunxi`, {
      data: { kind: 'home', reason: 'trial' },
    })
    expect(written.status()).toBe(403)
    await button('回到自己').click()
    await page.getByText('2 位在职').waitFor()
    expect(await page.getByText('不能改动任何内容').count()).toBe(0)
  })

  test('a role in the own way says first how many it touches, and goes back to how it came', async () => {
    await at('/settings?tab=roles')
    await page.getByText('店长', { exact: true }).click()
    expect(await barriers(page)).toEqual([])
    await button('修改').locator('visible=true').click()
    await page.getByRole('checkbox', { name: '手工补给或扣减积分' }).uncheck()
    await page.getByText('1 人持有这个角色，保存后马上按新的来。').waitFor()
    expect(await barriers(page)).toEqual([])
    await button('保存，1 人马上生效').click()
    await page.getByText('改过').waitFor()
    await at(`/members/${ofChunxi}`, manager)
    await button('合并', manager).waitFor()
    expect(await button('调整积分', manager).count()).toBe(0)
    await button('恢复原样').click()
    await page.getByRole('tooltip').getByRole('button', { name: '恢复原样' }).click()
    await page.getByText('改过').waitFor({ state: 'detached' })
    await at(`/members/${ofChunxi}`, manager)
    await button('调整积分', manager).waitFor()
  })

  test('leaving says what ends, hands the member to a colleague and closes the door', async () => {
    await ask('PUT', '/staff/0198a000-0000-7000-8000-000000000001', {
      login: 'li@example.com',
      name: '李晓',
      role: 'store-staff',
      place: { kind: 'store', code: 'chunxi' },
    })
    await at('/settings?tab=staff')
    await button('王芳').click()
    await button('办离职').click()
    await page.getByText('1 个角色马上结束').waitFor()
    await page.getByText('服务的 1 位会员要交给别人').waitFor()
    await page.getByText('1 处登录马上退出').waitFor()
    expect(await barriers(page)).toEqual([])
    await choose('交给', '李晓 春熙路店')
    await button('办理离职，交接 1 位会员').click()
    await page.getByText('已离职 1 位').waitFor()
    await page.getByText('2 位在职').waitFor()

    // Its session ended, so the manager is asked to sign in.
    await at('/members', manager)
    await manager.getByText('roundtrip link').waitFor()
    await expect
      .poll(async () => {
        await at(`/members/${ofChunxi}`)
        const served = page.getByRole('region', { name: '门店与服务人员' })
        await served.waitFor()
        return served.textContent()
      })
      .toContain('李晓')
  })
})
