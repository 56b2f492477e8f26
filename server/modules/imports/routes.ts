import type { Actor } from '#platform/ctx'
import { inTx } from '#platform/db'
import type { House } from '#platform/house'
import { serve, serveLong } from '#platform/http'
import { apply, claimApplying } from './applying.ts'
import * as contract from './contract.ts'
import { errorFileOf } from './error-file.ts'
import { begin, claim, type ImportRow, importOf, newest, viewOf, viewsOf } from './imports.ts'
import { claimStaging, discard, receive, setMapping, stage } from './staging.ts'
import { readTree } from './tree-file.ts'
import { claimUndo, undo, undoPreviewOf } from './undoing.ts'
import * as work from './work.ts'

const shown = (house: House, actor: Actor, row: ImportRow) =>
  inTx(house.db, actor, async (ctx) => viewOf(ctx, await importOf(ctx, row.id)))

export const routes = [
  serve(contract.listImports, 'imports.read', async (ctx, { limit }) => ({
    imports: await viewsOf(ctx, await newest(ctx, limit)),
  })),
  serve(contract.readImport, 'imports.read', async (ctx, { importId }) => viewOf(ctx, await importOf(ctx, importId))),
  serve(contract.addImport, 'imports.write', async (ctx, input) => viewOf(ctx, await begin(ctx, input))),
  serveLong(contract.putImportFile, 'imports.write', async (house, actor, { importId }, call) =>
    shown(house, actor, await receive(house, actor, importId, call.body)),
  ),
  serveLong(contract.putMapping, 'imports.write', async (house, actor, { importId, mapping }) =>
    shown(house, actor, await setMapping(house, actor, importId, mapping)),
  ),
  serveLong(contract.stageImport, 'imports.write', async (house, actor, { importId }) => {
    const row = await claimStaging(house, actor, importId)
    work.begin(house, actor, importId, (signal) => stage(house, actor, importId, signal))
    return shown(house, actor, row)
  }),
  serveLong(contract.applyImport, 'imports.write', async (house, actor, { importId }) => {
    const row = await claimApplying(house, actor, importId)
    work.begin(house, actor, importId, (signal) => apply(house, actor, importId, signal))
    return shown(house, actor, row)
  }),
  serveLong(contract.cancelImport, 'imports.write', async (house, actor, { importId }) => {
    // Whoever doesn't see it is refused before anything stops.
    await inTx(house.db, actor, (ctx) => importOf(ctx, importId))
    await work.stop(importId)
    const row = await inTx(house.db, actor, (ctx) => importOf(ctx, importId))
    // In the middle of applying it stays where it is; before that there is nothing to keep.
    if (['uploading', 'mapping', 'staged', 'failed'].includes(row.state)) {
      await inTx(house.db, actor, (ctx) =>
        claim(ctx, importId, ['uploading', 'mapping', 'staged', 'failed'], 'cancelled'),
      )
      await discard(house, importId)
    }
    return shown(house, actor, row)
  }),
  serve(contract.undoPreview, 'imports.read', (ctx, { importId }) => undoPreviewOf(ctx, importId)),
  serveLong(
    contract.undoImport,
    'imports.undo',
    async (house, actor, { importId }) => {
      const row = await claimUndo(house, actor, importId)
      work.begin(house, actor, importId, (signal) => undo(house, actor, importId, signal))
      return shown(house, actor, row)
    },
    { asksProof: true },
  ),
  serveLong(
    contract.readTreeFile,
    'organisation.write',
    (house, actor, { columns }, call) => readTree(house, actor, { body: call.body, columns }),
    { as: 'never' },
  ),
  serveLong(
    contract.errorFile,
    'imports.read',
    async (house, actor, { importId }, call) => {
      const { name, content } = await errorFileOf(house, actor, importId)
      call.sendFile({ name, type: 'text/csv; charset=utf-8', content })
      return {}
    },
    { as: 'export' },
  ),
]
