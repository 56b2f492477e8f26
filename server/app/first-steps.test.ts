import { test as base, expect } from '#app/testing'
import { changeRule, ensureStartingRules } from '#modules/points'
import { systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import { changeSettings } from '#platform/settings'
import { signIn } from '../modules/centre/signing-in.ts'
import { routes } from '../modules/desk/routes.ts'
import { putTree } from '../modules/organisation/tree.ts'
import { listRulebook } from '../modules/points/rulebook.ts'

const test = base.extend<{ steps: () => Promise<{ done: string[]; all: boolean; dismissed: boolean; url: string }> }>({
  steps: async ({ db }, use) => {
    const house = { db, sandbox: false, sms: null, publicUrl: 'https://club.example' } as unknown as House
    const { handle } = routes.find(({ route: { path } }) => path === '/first-steps')!
    await use(async () => {
      const reply = (await handle(house, systemActor, {}, {} as never)) as {
        steps: { step: string; done: boolean }[]
        done: boolean
        dismissed: boolean
        memberCentre: { url: string }
      }
      return {
        done: reply.steps.filter(({ done }) => done).map(({ step }) => step),
        all: reply.done,
        dismissed: reply.dismissed,
        url: reply.memberCentre.url,
      }
    })
  },
})

test('an empty program has done nothing; each act does its step, and the last one all of them', async ({
  db,
  steps,
}) => {
  await db.act((ctx) => ensureStartingRules(ctx))
  expect(await steps()).toEqual({ done: [], all: false, dismissed: false, url: 'https://club.example/m/' })

  await db.act((ctx) => changeSettings(ctx, { timeZone: 'Asia/Urumqi' }))
  expect((await steps()).done).toEqual([])
  await db.act((ctx) => changeSettings(ctx, { name: '远岫旅业' }))
  await db.act((ctx) => putTree(ctx, [{ kind: 'company', code: 'chengdu', name: '成都公司' }]))
  // A company without a store is no tree yet.
  expect((await steps()).done).toEqual(['group'])
  await db.act((ctx) =>
    putTree(ctx, [{ kind: 'store', code: 'chunxilu', name: '春熙路店', city: '成都', company: 'chengdu' }]),
  )
  expect((await steps()).done).toEqual(['group', 'tree'])

  await db.act(async (ctx) => {
    const [rule] = (await listRulebook(ctx)).rules
    await changeRule(ctx, { code: rule!.code, definition: rule!.definition })
  })
  await db.act((ctx) => signIn(ctx, { phone: '+8613808066721', fact: undefined, startNew: false, language: undefined }))
  expect(await steps()).toMatchObject({ done: ['group', 'tree', 'rule', 'member'], all: false })

  await db.pool.query(`insert into imports.imports (id, state, file_name, channel_id, kind, origin, actor, created_at)
    select gen_random_uuid(), 'done', '会员.csv', id, 'members', 'import', 'system:test', now() from channels.channels where code = 'chunxilu'`)
  expect(await steps()).toMatchObject({ all: true })
})

test('the guide is put away, and taken up again', async ({ db, steps }) => {
  const { handle } = routes.find(({ route: { path } }) => path === '/first-steps/dismissed')!
  const house = { db } as unknown as House
  for (const dismissed of [true, false]) {
    await handle(house, systemActor, { dismissed }, {} as never)
    expect((await steps()).dismissed).toBe(dismissed)
  }
})
