import { expect, test } from 'vitest'
import * as contract from '../../../server/modules/centre/contract.ts'
import type { Route } from '../../../server/platform/contract.ts'
import { patterns } from './addresses.ts'

test('the addresses are those of the contract', () => {
  const routes = contract as unknown as Record<string, Route>
  expect(patterns).toEqual(
    Object.fromEntries(Object.keys(patterns).map((name) => [name, `${routes[name]!.method} ${routes[name]!.path}`])),
  )
})
