/**
 * Own views: the filters and columns of a page under a name. Each belongs to whoever made it, and is nobody else's to
 * see, change or delete. What was searched for may be a phone or a name, so that part is kept sealed.
 */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Ctx } from '#platform/ctx'
import { takeTurns } from '#platform/db'
import { assert } from '#platform/errors'
import { listViews } from './contract.ts'
import { tooManyViews, viewNameTaken, viewNotFound } from './errors.ts'

const viewShape = listViews.output.shape.views.element
export type View = z.output<typeof viewShape>

/** More than a side of the frame can list is no help in finding anything. */
const mostViews = 30

/** In the order in which they were made. */
export async function viewsOf(ctx: Ctx): Promise<View[]> {
  const owner = ownerOf(ctx)
  const { rows } = await sql<{ id: string; name: string; page: string; definition: object; sealed: Buffer | null }>`
    select id, name, page, definition, sealed_search as sealed from desk.views where owner_id = ${owner}
    order by created_at, id`.execute(ctx.tx)
  return rows.map(({ sealed, definition, ...row }) => {
    const search = sealed && ctx.vault.open<string>(ctx.vault.keys.staging, place(owner, row.id), sealed)
    return viewShape.parse({ ...row, definition: { ...definition, ...(search === null ? {} : { search }) } })
  })
}

/**
 * Makes a view, or changes the one that has this id.
 *
 * @throws Refusal desk.view_name_taken, desk.too_many_views
 */
export async function keepView(ctx: Ctx, view: View): Promise<'created' | 'updated' | 'unchanged'> {
  const owner = ownerOf(ctx)
  // Whoever saves in two windows at once is counted once after the other.
  await takeTurns(ctx, 'views', [owner])
  const own = await viewsOf(ctx)
  const before = own.find(({ id }) => id === view.id)
  if (isDeepStrictEqual(before, view)) return 'unchanged'
  if (own.some(({ id, name }) => id !== view.id && name === view.name)) throw viewNameTaken(view.name)
  if (!before && own.length >= mostViews) throw tooManyViews(mostViews)
  const { search, ...definition } = view.definition
  const sealed = search === undefined ? null : ctx.vault.seal(ctx.vault.keys.staging, place(owner, view.id), search)
  await sql`insert into desk.views (owner_id, id, name, page, definition, sealed_search, created_at)
    values (${owner}, ${view.id}, ${view.name}, ${view.page}, ${JSON.stringify(definition)}::jsonb, ${sealed}, ${ctx.now})
    on conflict (owner_id, id) do update
      set name = excluded.name, page = excluded.page, definition = excluded.definition, sealed_search = excluded.sealed_search`.execute(
    ctx.tx,
  )
  return before ? 'updated' : 'created'
}

/** @throws Refusal desk.view_not_found, also for what is somebody else's */
export async function forgetView(ctx: Ctx, viewId: string): Promise<void> {
  const { numAffectedRows } =
    await sql`delete from desk.views where owner_id = ${ownerOf(ctx)} and id = ${viewId}`.execute(ctx.tx)
  if (!numAffectedRows) throw viewNotFound(viewId)
}

const place = (owner: string, viewId: string) => `view:${owner}:${viewId}`

/** By its id alone: names change, and so do the sessions of one person. */
function ownerOf({ actor }: Ctx): string {
  assert(actor.id !== null, 'a view of the program itself')
  return actor.id
}
