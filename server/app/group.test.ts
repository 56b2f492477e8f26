import { expect, test } from '#app/testing'
import { systemActor } from '#platform/ctx'
import type { House } from '#platform/house'
import { readSettings } from '#platform/settings'
import { operations } from './operations.ts'

const handlerOf = (method: string) =>
  operations.find(({ route }) => route.path === '/group' && route.method === method)!.handle

test('what the group chooses is kept, what it leaves out stays', async ({ db }) => {
  const house = { db } as unknown as House
  const change = (input: object) => handlerOf('PUT')(house, systemActor, input, {} as never)
  await change({ name: '远岫旅业集团', timeZone: 'Asia/Almaty' })
  await change({ currency: 'KZT' })
  expect(await handlerOf('GET')(house, systemActor, {}, {} as never)).toEqual({
    name: '远岫旅业集团',
    timeZone: 'Asia/Almaty',
    currency: 'KZT',
    country: 'CN',
    refundPolicy: 'negative',
    secondFactor: 'nobody',
    languages: ['zh-CN', 'en', 'ru'],
    pointValue: null,
  })
  await change({ languages: ['ru', 'zh-CN'], pointValue: { points: 100, minor: 100 } })
  await change({ pointValue: null })
  for (const [field, value] of [
    ['timeZone', 'Asia/Nowhere'],
    ['currency', 'ABC'],
    ['languages', ['ru', 'ru']],
    ['languages', []],
    ['pointValue', { points: 0, minor: 1 }],
  ] as const)
    await expect(change({ [field!]: value })).rejects.toMatchObject({ code: 'settings.invalid', params: { field } })
  expect(await db.act(readSettings)).toMatchObject({
    timeZone: 'Asia/Almaty',
    currency: 'KZT',
    languages: ['ru', 'zh-CN'],
    pointValue: null,
  })
})
