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
  })
  for (const [field, value] of [
    ['timeZone', 'Asia/Nowhere'],
    ['currency', 'ABC'],
  ])
    await expect(change({ [field!]: value })).rejects.toMatchObject({ code: 'settings.invalid', params: { field } })
  expect(await db.act(readSettings)).toMatchObject({ timeZone: 'Asia/Almaty', currency: 'KZT' })
})
