/** Rejected rows in their original columns, with the row's number and the reason, as CSV that a spreadsheet opens. */
import { Readable } from 'node:stream'
import { sql } from 'kysely'
import { csvLine, csvMark } from '#platform/csv'
import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { importOf, openColumns } from './imports.ts'

const page = 1_000

const reasons: Record<string, string> = {
  'row.nobody':
    '说不出是谁：没有姓名、编号、电话、邮箱或证件 · nobody: no name, id, phone, e-mail or document · неизвестно кто: нет имени, номера, телефона, почты, документа',
  'row.empty': '空行 · empty row · пустая строка',
  'row.too_many_cells': '列数多于表头 · more cells than the header has columns · ячеек больше, чем столбцов',
  'row.no_amount': '没有金额 · no amount · нет суммы',
  'row.amount_unreadable': '金额无法识别 · the amount can’t be read · сумма не читается',
  'row.no_date': '没有日期 · no date · нет даты',
  'row.date_unreadable': '日期无法识别 · the date can’t be read · дата не читается',
}

export async function errorFileOf(
  house: House,
  actor: Actor,
  id: string,
): Promise<{ name: string; content: Readable }> {
  const { row, names } = await inTx(house.db, actor, async (ctx) => {
    const found = await importOf(ctx, id)
    return { row: found, names: openColumns(ctx, found).map(({ name }) => name) }
  })
  async function* lines() {
    yield `${csvMark}${csvLine([...names, '#', 'reason'])}`
    for (let after = 0; ; ) {
      const rejected = await inTx(house.db, actor, async (ctx) => {
        const { rows } = await sql<{
          row_number: number
          sealed: Buffer
        }>`select row_number, sealed from imports.rejected
          where import_id = ${id} and staging = ${row.staging} and row_number > ${after} order by row_number limit ${page}`.execute(
          ctx.tx,
        )
        return rows.map(({ row_number, sealed }) => ({
          number: row_number,
          ...ctx.vault.open<{ reason: string; cells: (string | null)[] }>(
            ctx.vault.keys.staging,
            `rejected:${id}`,
            sealed,
          ),
        }))
      })
      if (rejected.length === 0) return
      for (const { number, reason, cells } of rejected) {
        const padded = [...cells, ...Array<null>(Math.max(0, names.length - cells.length)).fill(null)]
        yield csvLine([...padded, String(number), reasons[reason] ?? reason])
      }
      after = rejected.at(-1)!.number
    }
  }
  return { name: `${row.fileName.replace(/\.[^.]*$/, '')}.errors.csv`, content: Readable.from(lines()) }
}
