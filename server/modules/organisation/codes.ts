/** Codes for companies and stores that came without one: from the name by pinyin, else by number; never one in use. */

import { channels } from '#modules/channels'
import { codeOfName } from '#modules/cleaning'
import type { Ctx } from '#platform/ctx'
import { companies } from './places.ts'

type Kind = 'company' | 'store'

/** Channels that the program opens by itself when it needs them. */
const reserved = ['centre']

export interface CodesInUse {
  company: Set<string>
  store: Set<string>
}

export async function codesInUse(ctx: Pick<Ctx, 'tx'>): Promise<CodesInUse> {
  return {
    company: new Set((await companies(ctx)).map(({ code }) => code)),
    store: new Set([...reserved, ...(await channels(ctx)).map(({ code }) => code)]),
  }
}

/** A code that is free, and is not from now on. */
export function takeCode(inUse: CodesInUse, kind: Kind, name: string): string {
  const taken = inUse[kind]
  const base = codeOfName(name)
  for (let number = 1; ; number++) {
    const code = base === '' ? `${kind}-${number}` : number === 1 ? base : `${base}-${number}`
    if (taken.has(code)) continue
    taken.add(code)
    return code
  }
}
