import { expect, test } from 'vitest'
import { en } from './en.ts'
import { ru } from './ru.ts'
import { type TextKey, zh } from './zh.ts'

const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

test('every language fills in the same things', () => {
  for (const key of Object.keys(zh) as TextKey[]) {
    expect([key, slots(en[key])]).toEqual([key, slots(zh[key])])
    expect([key, slots(ru[key])]).toEqual([key, slots(zh[key])])
  }
})

test('no text stands in the wrong language', () => {
  for (const key of Object.keys(zh) as TextKey[]) {
    expect([key, /\p{Script=Han}/u.test(en[key] + ru[key])]).toEqual([key, false])
    expect([key, /\p{Script=Cyrillic}/u.test(en[key] + zh[key])]).toEqual([key, false])
  }
})
