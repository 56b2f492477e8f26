import { expect, test } from 'vitest'
import { isNearby } from './addresses.ts'

test('nearby is what never reaches over the internet', () => {
  const nearby = [
    '127.0.0.1',
    '10.1.2.3',
    '192.168.0.9',
    '172.16.0.1',
    '172.31.255.1',
    '::1',
    '::ffff:10.0.0.2',
    'fd00::1',
    'fe80::1',
  ]
  expect(nearby.filter((address) => !isNearby(address))).toEqual([])
  const far = ['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.64.0.1', '2001:db8::1', 'fec0::1', '11.10.0.1', undefined]
  expect(far.filter((address) => isNearby(address))).toEqual([])
})
