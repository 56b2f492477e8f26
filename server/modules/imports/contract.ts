import { z } from 'zod'
import { channelCode, channelKind } from '#modules/channels/contract'
import { rowMistake, treeRow } from '#modules/organisation/contract'
import { route } from '#platform/contract'

/**
 * uploading → mapping (a person or a MAP says which column is what) → staging → staged (cleaned, nothing written yet)
 * → applying → done → undoing → undone. `paused`: stopped in the middle of applying, goes on by the same command.
 * `failed`: could not be read; nothing was written.
 */
export const importStates = [
  'uploading',
  'mapping',
  'staging',
  'staged',
  'applying',
  'paused',
  'done',
  'undoing',
  'undone',
  'failed',
  'cancelled',
] as const
export const importState = z.enum(importStates)
export const importKind = z.enum(['members', 'orders'])
export const importOrigin = z.enum(['import', 'live'])

/** Column → field; by header or by position ("1", "2" …); null leaves the column out. */
export const mapping = z.record(z.string(), z.string().nullable())

export const importColumn = z.object({
  position: z.int(),
  name: z.string(),
  field: z.string().nullable(),
  certainty: z.enum(['certain', 'likely', 'confirm']),
  /** Why this field: a code that the web apps translate. */
  reason: z.string(),
  samples: z.array(z.string()),
  /** Known once staged: how many cells had a value, kept as they were, were normalised, could not be read. */
  counts: z.object({ filled: z.int(), asIs: z.int(), changed: z.int(), wrong: z.int() }).nullable(),
})

const example = z.object({ before: z.string(), after: z.string().nullable() })

export const importReport = z.object({
  /** What was normalised, by code, with a few examples. */
  changes: z.array(z.object({ code: z.string(), field: z.string(), count: z.int(), examples: z.array(example) })),
  /** What could not be read: the field was left out, the row came in. */
  problems: z.array(z.object({ code: z.string(), field: z.string(), count: z.int(), examples: z.array(example) })),
  /** Why rows were rejected. */
  rejections: z.array(z.object({ code: z.string(), count: z.int() })),
  /** About the file itself: mixed encodings, rows cut short … */
  warnings: z.array(z.object({ code: z.string(), count: z.int(), row: z.int().nullable() })),
})

/** rows = created + updated + unchanged + rejected. Before applying: what applying would do. */
export const importCounts = z.object({
  rows: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  rejected: z.int(),
  /** Created or updated records whose member has another record. Null while that is not known. */
  joined: z.int().nullable(),
  /** Different members that the file's rows belong to. Null while that is not known. */
  members: z.int().nullable(),
  /** Opening balances, where a column brings them: their sum in the file, and what of it the ledger has. */
  openingPoints: z.object({ inFile: z.int(), inLedger: z.int() }).nullable().optional(),
})

export const importView = z.object({
  id: z.uuid(),
  state: importState,
  fileName: z.string(),
  as: importKind,
  origin: importOrigin,
  channel: z.object({ code: z.string(), kind: channelKind, name: z.string() }),
  file: z
    .object({
      format: z.string(),
      encoding: z.string().nullable(),
      delimiter: z.string().nullable(),
      sheet: z.string().nullable(),
      headerless: z.boolean(),
      bytes: z.int(),
    })
    .nullable(),
  columns: z.array(importColumn),
  /** Whether the mapping was remembered from an earlier file of this channel. */
  mappingRemembered: z.boolean(),
  report: importReport.nullable(),
  counts: importCounts.nullable(),
  progress: z.object({ step: z.string(), done: z.int(), of: z.int(), unit: z.enum(['bytes', 'rows']) }).nullable(),
  /** Seconds of work so far, without waiting for a person and without reactions. */
  seconds: z.number(),
  error: z.object({ code: z.string(), params: z.record(z.string(), z.unknown()), message: z.string() }).nullable(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
})
export type ImportView = z.infer<typeof importView>

export const listImports = route('GET /imports', {
  summary: 'Imports, newest first',
  input: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  output: z.object({ imports: z.array(importView) }),
})

export const readImport = route('GET /imports/:importId', {
  summary: 'One import: state, mapping, report, counts, progress',
  input: z.object({ importId: z.uuid() }),
  output: importView,
})

export const addImport = route('POST /imports', {
  summary: 'Begin an import; its file follows by PUT',
  input: z.object({
    id: z.uuid(),
    fileName: z.string().min(1).max(255),
    channel: channelCode,
    /** Opens the channel if there is none of this code. */
    create: channelKind.optional(),
    as: importKind,
    /** `live`: rows earn points and fire reactions as if they happened now. */
    origin: importOrigin.default('import'),
  }),
  output: importView,
})

export const putImportFile = route('PUT /imports/:importId/file', {
  summary: 'The file itself; answered when its columns are known',
  input: z.object({ importId: z.uuid() }),
  output: importView,
  body: 'stream',
})

export const putMapping = route('PUT /imports/:importId/mapping', {
  summary: 'Say which column is what; also after cleaning, which is then done again',
  input: z.object({ importId: z.uuid(), mapping }),
  output: importView,
})

export const stageImport = route('POST /imports/:importId/stagings', {
  summary: 'Clean the whole file and compare it; nothing is written to the member pool yet',
  input: z.object({ importId: z.uuid() }),
  output: importView,
})

export const applyImport = route('POST /imports/:importId/applications', {
  summary: 'Write the cleaned rows into the member pool, or go on where it stopped',
  input: z.object({ importId: z.uuid() }),
  output: importView,
})

export const cancelImport = route('POST /imports/:importId/cancellations', {
  summary: 'Stop: before applying it is dropped, in the middle it stays where it is',
  input: z.object({ importId: z.uuid() }),
  output: importView,
})

export const undoPreview = route('GET /imports/:importId/undo-preview', {
  summary: 'What undoing would take back',
  input: z.object({ importId: z.uuid() }),
  output: z.object({
    recordsWithdrawn: z.int(),
    /** Brought by this import, but another one told the same or orders hang on them. */
    recordsKept: z.int(),
    recordsRestored: z.int(),
    ordersWithdrawn: z.int(),
    ordersRestored: z.int(),
    membersTouched: z.int(),
    pointsEarned: z.int(),
  }),
})

export const undoImport = route('POST /imports/:importId/undos', {
  summary: 'Take the whole import back',
  input: z.object({ importId: z.uuid() }),
  output: importView,
})

export const errorFile = route('GET /imports/:importId/error-file', {
  summary: 'Rejected rows in their original columns, with the reason, as CSV',
  input: z.object({ importId: z.uuid() }),
  output: z.object({}),
  reply: 'stream',
})

export const treeFields = ['company', 'companyCode', 'store', 'storeCode', 'city'] as const
const treeField = z.enum(treeFields)

export const readTreeFile = route('POST /organisation/tree-readings', {
  summary: 'Read a spreadsheet of companies and stores into rows of the tree; nothing is kept and nothing written',
  input: z.object({
    /** Field of each column, in their order; left out, it is guessed from the headers. */
    columns: z.array(treeField.nullable()).max(512).optional(),
  }),
  output: z.object({
    file: z.object({ format: z.string(), encoding: z.string().nullable(), sheet: z.string().nullable() }),
    columns: z.array(z.object({ name: z.string(), field: treeField.nullable(), samples: z.array(z.string()) })),
    /** What can be told as it is, a company before its stores. */
    rows: z.array(
      z.object({
        /** Of the spreadsheet. */
        number: z.int(),
        /** The code was made here, because the file has none and nothing of this name stands yet. */
        made: z.boolean(),
        told: treeRow,
      }),
    ),
    mistakes: z.array(rowMistake),
  }),
  body: 'stream',
})
