import { z } from 'zod'
import { memberColumns, memberFilters } from '#modules/desk/contract'
import { route } from '#platform/contract'

export const exportKinds = ['members', 'orders', 'points'] as const
export const exportFormats = ['xlsx', 'csv'] as const
export const exportStates = [
  'counting',
  'waiting',
  'making',
  'ready',
  'refused',
  'cancelled',
  'failed',
  'expired',
] as const

/** What a file of members may hold beside the name: the list's columns, and what the list has no room for. */
export const exportColumns = [...memberColumns, 'email', 'documentNumber', 'channels', 'id'] as const
export type ExportColumn = (typeof exportColumns)[number]

const day = z.iso.date()

/** Whom the file is about, as the member list filters; of their orders and points a time. */
export const exportAsked = z.object({
  search: z.string().trim().min(1).max(100).optional(),
  channel: z.string().min(1).max(64).optional(),
  show: z.enum(memberFilters).optional(),
  /** Of members only. */
  columns: z
    .array(z.enum(exportColumns))
    .min(1)
    .refine((columns) => new Set(columns).size === columns.length, 'names a column twice')
    .optional(),
  /** Of orders and points, days of the group: the first and the last. */
  from: day.optional(),
  until: day.optional(),
})
export type ExportAsked = z.output<typeof exportAsked>

const who = z.object({ actor: z.string(), name: z.string().nullable() })

export const exportView = z.object({
  id: z.uuid(),
  kind: z.enum(exportKinds),
  format: z.enum(exportFormats),
  state: z.enum(exportStates),
  askedBy: who,
  askedAt: z.iso.datetime(),
  reason: z.string(),
  clear: z.boolean(),
  /** Null once it has ended. */
  asked: exportAsked.nullable(),
  /** As counted, and in the end as written. */
  rows: z.int().nullable(),
  bytes: z.int().nullable(),
  decidedBy: who.nullable(),
  decisionReason: z.string().nullable(),
  /** Code of the refusal by which it ended. */
  error: z.string().nullable(),
  downloads: z.int(),
  downloadsLeft: z.int(),
  expiresAt: z.iso.datetime().nullable(),
  /** What stands in the rows of its file. */
  trace: z.string(),
})
export type ExportView = z.output<typeof exportView>

const reason = z.string().trim().min(3, 'should say why').max(300)

export const listExports = route('GET /exports', {
  summary: 'The own exports of whoever asks, newest first',
  input: z.object({}),
  output: z.object({ exports: z.array(exportView) }),
})

export const addExport = route('POST /exports', {
  summary: 'Ask for a file of members, their orders or their points records; it is made in the background',
  input: z.object({
    id: z.uuid(),
    kind: z.enum(exportKinds),
    format: z.enum(exportFormats).default('xlsx'),
    reason,
    /** Phones, e-mail and documents in full; wants the permission to show them, and each person is noted. */
    clear: z.boolean().default(false),
    asked: exportAsked.default({}),
  }),
  output: exportView,
})

export const readExport = route('GET /exports/:exportId', {
  summary: 'How far an own export has come',
  input: z.object({ exportId: z.uuid() }),
  output: exportView,
})

export const cancelExport = route('DELETE /exports/:exportId', {
  summary: 'Give up an own export; its file is deleted',
  input: z.object({ exportId: z.uuid() }),
  output: exportView,
})

export const exportFile = route('GET /exports/:exportId/file', {
  summary: 'The file of an own export that is ready; each time is recorded, and there are only some',
  input: z.object({ exportId: z.uuid() }),
  output: z.object({}),
  reply: 'stream',
})

export const listApprovals = route('GET /export-approvals', {
  summary: 'Exports of others that wait for an approval, and those decided last',
  input: z.object({}),
  output: z.object({ exports: z.array(exportView) }),
})

export const decideExport = route('POST /exports/:exportId/decisions', {
  summary: 'Approve or refuse an export that somebody else has asked for',
  input: z.object({ exportId: z.uuid(), approved: z.boolean(), reason }),
  output: exportView,
})

export const traceExport = route('GET /export-traces/:trace', {
  summary: 'Which export a row is from, by what stands in its column _export',
  input: z.object({ trace: z.string().min(1).max(40) }),
  output: exportView,
})

/** What the group has chosen about exports. */
export const exportRules = z.object({
  /** An export of more rows is refused. */
  mostRows: z.int().min(1).max(1_000_000).default(50_000),
  /** The same of whoever holds a role; of several roles the most counts. */
  mostRowsOfRole: z.record(z.string().max(64), z.int().min(1).max(1_000_000)).default({}),
  /** From so many rows on somebody else has to approve it; null: never for its size. */
  approvalFromRows: z.int().min(1).max(1_000_000).nullable().default(null),
  /** Whether values in full have to be approved. */
  approvalOfClear: z.boolean().default(false),
  /** How long a file lies, and how often it may be taken. */
  hours: z.int().min(1).max(720).default(24),
  downloads: z.int().min(1).max(100).default(5),
})
export type ExportRules = z.output<typeof exportRules>

export const readExportRules = route('GET /export-rules', {
  summary: 'What the group has chosen about exports',
  input: z.object({}),
  output: exportRules,
})

export const changeExportRules = route('PUT /export-rules', {
  summary: 'Change how large exports may be, which are approved, and how long their files lie; what is left out stays',
  input: exportRules.partial(),
  output: exportRules,
})
