import { expect, test } from '#app/testing'
import { channels, openChannel } from '#modules/channels'
import { Refusal } from '#platform/errors'
import { putTree, removeFromTree, type TreeRow, tree } from './tree.ts'

const company = (code: string, name = code): TreeRow => ({ kind: 'company', code, name })
const store = (code: string, of: string, { name = code, city = '成都' } = {}): TreeRow => ({
  kind: 'store',
  code,
  name,
  city,
  company: of,
})
const small = [
  store('chunxilu', 'chengdu', { name: '成都春熙路店' }),
  company('chengdu', '成都公司'),
  company('jinan', '济南公司'),
]

test('a tree stands as it was told, stores before their companies too', async ({ ctx }) => {
  const told = await putTree(ctx, small)
  expect(told.map(({ code, outcome }) => [code, outcome])).toEqual([
    ['chunxilu', 'created'],
    ['chengdu', 'created'],
    ['jinan', 'created'],
  ])
  expect(await tree(ctx)).toEqual({
    companies: [
      { code: 'chengdu', name: '成都公司', stores: [{ code: 'chunxilu', name: '成都春熙路店', city: '成都' }] },
      { code: 'jinan', name: '济南公司', stores: [] },
    ],
    storesWithoutCompany: [],
  })
  expect(await channels(ctx)).toMatchObject([
    { code: 'chunxilu', kind: 'store', name: '成都春熙路店', trustsPhones: true },
  ])
})

test('told twice it acts once', async ({ ctx }) => {
  await putTree(ctx, small)
  const before = await tree(ctx)
  expect((await putTree(ctx, small)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged'])
  expect(await tree(ctx)).toEqual(before)
})

test('a store is renamed and moved, and a company renamed, by their codes', async ({ ctx }) => {
  await putTree(ctx, small)
  const told = await putTree(ctx, [
    company('jinan', '济南分公司'),
    store('chunxilu', 'jinan', { name: '济南春熙路店', city: '济南' }),
    company('chengdu', '成都公司'),
  ])
  expect(told.map(({ outcome }) => outcome)).toEqual(['updated', 'updated', 'unchanged'])
  expect((await tree(ctx)).companies).toEqual([
    { code: 'chengdu', name: '成都公司', stores: [] },
    { code: 'jinan', name: '济南分公司', stores: [{ code: 'chunxilu', name: '济南春熙路店', city: '济南' }] },
  ])
})

test('a store that came by an import waits for its company, and finds it', async ({ ctx }) => {
  await openChannel(ctx, { code: 'kuanzhai', kind: 'store', name: '宽窄巷子店' })
  expect(await tree(ctx)).toEqual({
    companies: [],
    storesWithoutCompany: [{ code: 'kuanzhai', name: '宽窄巷子店' }],
  })
  const told = await putTree(ctx, [company('chengdu'), store('kuanzhai', 'chengdu', { name: '宽窄巷子店' })])
  expect(told.map(({ outcome }) => outcome)).toEqual(['created', 'created'])
  expect((await tree(ctx)).storesWithoutCompany).toEqual([])
})

test('each row that can not be taken is said with its field, and nothing is written', async ({ ctx }) => {
  await openChannel(ctx, { code: 'website', kind: 'website' })
  const refused = await putTree(ctx, [
    company('chengdu'),
    store('chunxilu', 'shanghai'),
    store('website', 'chengdu'),
    company('chengdu', 'twice'),
  ]).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refusal)
  const { code, kind, params, message } = refused as Refusal
  expect([code, kind]).toEqual(['organisation.rows_wrong', 'invalid'])
  expect(params.mistakes).toMatchObject([
    { row: 2, field: 'company', code: 'company_unknown', value: 'shanghai' },
    { row: 3, field: 'code', code: 'other_kind', value: 'website' },
    { row: 4, field: 'code', code: 'told_twice', value: 'chengdu' },
  ])
  expect(message).toContain('Row 2, company: there is no company shanghai. Add a row')
  expect(await tree(ctx)).toEqual({ companies: [], storesWithoutCompany: [] })
})

test('what is taken out leaves companies that have other stores, and the channels', async ({ ctx }) => {
  await putTree(ctx, [...small, store('kuanzhai', 'chengdu')])
  await removeFromTree(ctx, { companies: ['chengdu', 'jinan'], stores: ['chunxilu'] })
  expect((await tree(ctx)).companies).toMatchObject([{ code: 'chengdu', stores: [{ code: 'kuanzhai' }] }])
  expect((await channels(ctx)).map(({ code }) => code)).toEqual(['chunxilu', 'kuanzhai'])
})

test('two who tell one tree at once make one', async ({ db }) => {
  const outcomes = await Promise.all([1, 2, 3].map(() => db.act((ctx) => putTree(ctx, small))))
  expect(outcomes.map(([first]) => first!.outcome).sort()).toEqual(['created', 'unchanged', 'unchanged'])
})
