import type { Ctx } from '#platform/ctx'
import { inTx } from '#platform/db'
import { Refusal } from '#platform/errors'
import { serve, serveLong } from '#platform/http'
import * as contract from './contract.ts'
import { fileGone } from './errors.ts'
import {
  approvals,
  ask,
  cancel,
  decide,
  type ExportRow,
  end,
  exportsOf,
  ownExportOf,
  take,
  tracedTo,
  viewsOf,
} from './exports.ts'
import { dropFile, openFile } from './files.ts'
import { changeRules, readRules } from './rules.ts'

const viewOf = async (ctx: Ctx, row: ExportRow) => (await viewsOf(ctx, [row]))[0]!

const types = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const

export const routes = [
  serve(contract.listExports, 'members.export', async (ctx) => ({ exports: await viewsOf(ctx, await exportsOf(ctx)) })),
  serve(contract.addExport, 'members.export', async (ctx, input) => viewOf(ctx, await ask(ctx, input)), {
    asksProof: true,
    codes: ['kind', 'format'],
  }),
  serve(contract.readExport, 'members.export', async (ctx, { exportId }) =>
    viewOf(ctx, await ownExportOf(ctx, exportId)),
  ),
  serveLong(contract.cancelExport, 'members.export', async (house, actor, { exportId }) => {
    const view = await inTx(house.db, actor, async (ctx) => viewOf(ctx, await cancel(ctx, exportId)))
    await dropFile(house, exportId)
    return view
  }),
  serveLong(
    contract.exportFile,
    'members.export',
    async (house, actor, { exportId }, call) => {
      const row = await inTx(house.db, actor, async (ctx) => {
        try {
          return await take(ctx, exportId)
        } catch (error) {
          // Whoever sees less now than when it was made has lost it for good.
          if (!(error instanceof Refusal) || error.kind !== 'forbidden') throw error
          await end(ctx, exportId, 'cancelled', error.code)
          return error
        }
      })
      if (row instanceof Refusal) {
        await dropFile(house, exportId)
        throw row
      }
      const content = await openFile(house, exportId)
      if (!content) {
        await inTx(house.db, actor, (ctx) => end(ctx, exportId, 'failed', fileGone().code))
        throw fileGone()
      }
      const { kind, format, askedAt, trace } = row
      call.sendFile({
        name: `${kind}-${askedAt.toISOString().slice(0, 10)}-${trace}.${format}`,
        type: types[format],
        content,
      })
      return {}
    },
    { as: 'export' },
  ),
  serve(contract.listApprovals, 'exports.approve', async (ctx) => ({
    exports: await viewsOf(ctx, await approvals(ctx)),
  })),
  serve(contract.decideExport, 'exports.approve', async (ctx, input) => viewOf(ctx, await decide(ctx, input)), {
    asksProof: true,
  }),
  serve(contract.traceExport, 'audit.read', async (ctx, { trace }) => viewOf(ctx, await tracedTo(ctx, trace))),
  serve(contract.readExportRules, 'members.export', (ctx) => readRules(ctx)),
  serve(contract.changeExportRules, 'settings.change', (ctx, input) => changeRules(ctx, input), { asksProof: true }),
]
