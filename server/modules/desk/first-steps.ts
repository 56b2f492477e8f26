/**
 * The way from an empty program to a group that lives in it. Whether a step is done is read from the program each time:
 * nobody ticks a box, and what was done by a command or the API counts as well.
 */
import { z } from 'zod'
import { membersSignedIn } from '#modules/centre'
import { membersImported } from '#modules/imports'
import { howManyPersons } from '#modules/members'
import { tree } from '#modules/organisation'
import { anyOwnRule } from '#modules/points'
import type { Ctx } from '#platform/ctx'
import { keepNote, readNote } from '#platform/notes'
import { groupSettings, readSettings } from '#platform/settings'
import type { steps } from './contract.ts'

const noteName = 'first-steps'
const note = z.object({ dismissed: z.boolean() })

type Step = (typeof steps)[number]

export async function firstSteps(ctx: Ctx) {
  const { name } = await readSettings(ctx)
  const { companies } = await tree(ctx)
  const stores = companies.reduce((sum, company) => sum + company.stores.length, 0)
  const signedIn = await membersSignedIn(ctx)
  const done: Record<Step, boolean> = {
    group: name !== groupSettings.parse({}).name,
    tree: stores > 0,
    members: await membersImported(ctx),
    rule: await anyOwnRule(ctx),
    member: signedIn > 0,
  }
  return {
    steps: (Object.keys(done) as Step[]).map((step) => ({ step, done: done[step] })),
    done: Object.values(done).every((one) => one),
    dismissed: (await readNote(ctx, noteName, note))?.dismissed ?? false,
    facts: { group: name, companies: companies.length, stores, members: (await howManyPersons(ctx)).persons, signedIn },
  }
}

/** Staff know their way, or take it up again. The page of the guide stays where it is. */
export const dismissFirstSteps = (ctx: Ctx, dismissed: boolean) => keepNote(ctx, noteName, { dismissed })
