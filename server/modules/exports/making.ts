/**
 * Making a file, in the background: counted first, so that what is too large or has to be approved is not written at all;
 * then written row by row. Told twice it does no harm: the file has its place only when it is whole.
 */
import { sql } from 'kysely'
import { actorNames } from '#modules/access'
import { recordMany } from '#platform/audit'
import { csvLine, csvMark, neverFormula } from '#platform/csv'
import { type Ctx, systemActor } from '#platform/ctx'
import { inTx } from '#platform/db'
import { isOutage, Refusal } from '#platform/errors'
import { hasRoom } from '#platform/folder'
import type { House } from '#platform/house'
import { addJob, type Job } from '#platform/jobs'
import { type GroupSettings, readSettings } from '#platform/settings'
import { type Cell, workbook } from '#platform/xlsx'
import type { ExportAsked } from './contract.ts'
import { noRoom, tooManyRows } from './errors.ts'
import { askerOf, type ExportRow, end, exportOf, making as makingJob, openAsked } from './exports.ts'
import { dropFile, filesThere, writeFile } from './files.ts'
import { headsOf, pagesOf } from './rows.ts'
import { mostRowsOf, needsApproval, readRules } from './rules.ts'
import { aboutWords } from './words.ts'

export const exportMade = 'exportMade'

export const making: Job = {
  name: makingJob,
  run: async (house, payload) => {
    const { exportId } = payload as { exportId: string }
    try {
      const row = await counted(house, exportId)
      if (row?.state === 'making') await make(house, row)
    } catch (error) {
      // Waited out by the queue, or begun anew at the next start.
      if (isOutage(error) || house.stopping.aborted) throw error
      const refusal = error instanceof Refusal ? error : null
      if (!refusal) house.log.error({ err: error, exportId }, 'an export could not be made')
      await dropFile(house, exportId)
      await act(house, (ctx) =>
        end(ctx, exportId, refusal?.kind === 'forbidden' ? 'cancelled' : 'failed', refusal?.code ?? 'program.bug'),
      )
    }
  },
}

const act = <T>(house: House, what: (ctx: Ctx) => Promise<T>): Promise<T> => inTx(house.db, systemActor, what)

/** The export with its rows counted, as far on as it may go by itself; null when it has ended meanwhile. */
async function counted(house: House, exportId: string): Promise<ExportRow | null> {
  const { row, asked, most } = await act(house, async (ctx) => {
    const found = await exportOf(ctx, exportId)
    return {
      row: found,
      asked: openAsked(ctx, found),
      most: await mostRowsOf({ ...ctx, actor: await askerOf(ctx, found) }),
    }
  })
  if (asked === null || row.state === 'waiting') return null
  let rows = 0
  for await (const page of pagesOf(house, exportId, asked, { counting: true })) {
    rows += page.length
    if (rows > most) throw tooManyRows(most)
    if (house.stopping.aborted) throw new Error('The program stops')
  }
  return act(house, async (ctx) => {
    const found = await exportOf(ctx, exportId, { lock: true })
    if (found.state !== 'counting' && found.state !== 'making') return null
    const approved = found.decidedBy !== null || !needsApproval(await readRules(ctx), { rows, clear: row.clear })
    await sql`update exports.exports set rows = ${rows}, state = ${approved ? 'making' : 'waiting'}
      where id = ${exportId}`.execute(ctx.tx)
    return exportOf(ctx, exportId)
  })
}

async function make(house: House, row: ExportRow): Promise<void> {
  if (!(await hasRoom(house.folder))) throw noRoom()
  const { asked, settings, about, within, most } = await act(house, async (ctx) => {
    const asker = await askerOf(ctx, row)
    const group = await readSettings(ctx)
    return {
      asked: openAsked(ctx, row)!,
      settings: group,
      about: await aboutOf(ctx, row, group),
      within: asker.scope,
      most: await mostRowsOf({ ...ctx, actor: asker }),
    }
  })
  const tally = { rows: 0 }
  const body = () => rowsOf(house, row, asked, { tally, most })
  const head = headsOf(row, asked, settings)
  const content = row.format === 'csv' ? csv(head, body, about) : xlsx(head, body, about, settings)
  const bytes = await writeFile(house, row.id, content)
  const kept = await act(house, async (ctx) => {
    const { hours } = await readRules(ctx)
    const expiresAt = new Date(ctx.now.getTime() + hours * 3_600_000)
    const { rows } = await sql`update exports.exports set state = 'ready', rows = ${tally.rows}, bytes = ${bytes},
        expires_at = ${expiresAt}, made_within = ${JSON.stringify(within)}::jsonb
      where id = ${row.id} and state = 'making' returning id`.execute(ctx.tx)
    if (rows.length === 0) return false
    const { kind, format, clear, reason } = row
    const details = { kind, format, clear, rows: tally.rows }
    await recordMany({ ...ctx, actor: await askerOf(ctx, row) }, [
      { act: exportMade, kind: 'export', ids: { exportId: row.id }, reason, details },
    ])
    return true
  })
  if (!kept) await dropFile(house, row.id)
}

async function* rowsOf(
  house: House,
  { id }: ExportRow,
  asked: ExportAsked,
  { tally, most }: { tally: { rows: number }; most: number },
): AsyncGenerator<readonly Cell[]> {
  for await (const page of pagesOf(house, id, asked, { counting: false })) {
    tally.rows += page.length
    // What came since it was counted.
    if (tally.rows > most) throw tooManyRows(most)
    yield* page
  }
}

/** Who, when, why and under which number: what a leaked file says of itself. */
async function aboutOf(ctx: Ctx, row: ExportRow, { languages, timeZone }: GroupSettings): Promise<[string, string][]> {
  const names = await actorNames(ctx, [row.askedBy])
  const when = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(ctx.now)
  const say = (word: keyof typeof aboutWords) => aboutWords[word][languages[0]!]
  return [
    [say('who'), `${names.get(row.askedBy) ?? row.askedBy} (${row.askedBy})`],
    [say('when'), `${when} ${timeZone}`],
    [say('reason'), row.reason],
    [say('id'), row.id],
    [say('trace'), row.trace],
  ]
}

async function* csv(
  head: readonly string[],
  body: () => AsyncIterable<readonly Cell[]>,
  about: readonly [string, string][],
): AsyncGenerator<string> {
  const line = (cells: readonly Cell[]) =>
    csvLine(cells.map((cell) => (typeof cell === 'string' ? neverFormula(cell) : cell === null ? null : String(cell))))
  yield `${csvMark}${line(head)}`
  for await (const cells of body()) yield line(cells)
  yield line([about.map(([name, value]) => `${name}: ${value}`).join(' | ')])
}

function xlsx(
  head: readonly string[],
  body: () => AsyncIterable<readonly Cell[]>,
  about: readonly [string, string][],
  { languages }: GroupSettings,
): AsyncIterable<Buffer> {
  async function* rows() {
    yield head
    yield* body()
  }
  return workbook([
    { name: aboutWords.rows[languages[0]!], rows: rows() },
    { name: aboutWords.sheet[languages[0]!], rows: about },
  ])
}

/** Takes away what has expired, and what its asker may no longer have; and files that nobody's export names any more. */
export const tidying: Job = { name: 'exports.tidying', cron: '*/5 * * * *', run: (house) => tidy(house) }

export async function tidy(house: House): Promise<void> {
  await act(house, async (ctx) => {
    const { rows } = await sql<{ id: string; expired: boolean }>`
      select id, coalesce(expires_at <= ${ctx.now}, false) as expired from exports.exports
      where ended_at is null and state in ('waiting', 'ready') order by id for update`.execute(ctx.tx)
    for (const { id, expired } of rows) {
      if (expired) await end(ctx, id, 'expired')
      else await cancelWithoutRights(ctx, id)
    }
  })
  const { rows } = await sql<{ id: string }>`
    select id from exports.exports where state in ('making', 'ready')`.execute(house.db.kysely)
  const alive = new Set(rows.map(({ id }) => id))
  for (const id of await filesThere(house)) if (!alive.has(id)) await dropFile(house, id)
}

async function cancelWithoutRights(ctx: Ctx, id: string): Promise<void> {
  try {
    await askerOf(ctx, await exportOf(ctx, id))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await end(ctx, id, 'cancelled', error.code)
  }
}

/** What the last run left in the middle is begun again. */
export async function resume(house: House): Promise<void> {
  await act(house, async (ctx) => {
    const { rows } = await sql<{ id: string }>`
      select id from exports.exports where state in ('counting', 'making')`.execute(ctx.tx)
    for (const { id } of rows) await addJob(ctx, makingJob, { exportId: id }, { key: id })
  })
  await tidy(house)
}

/** Before somebody is erased: a file may hold them, and whoever needs one asks again. */
export async function dropFiles(house: House): Promise<void> {
  for (const id of await filesThere(house)) await dropFile(house, id)
}
