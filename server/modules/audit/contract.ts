import { z } from 'zod'
import { route } from '#platform/contract'

export const kinds = ['look', 'change', 'export', 'session'] as const
/** `done`: what happened. `refused`: what somebody tried and may not. */
export const outcomes = ['done', 'refused'] as const

const code = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** Who acted: `staff:<id>`, `key:<id>`, `member:<id>`, `system`, as entries name them. */
const actor = z
  .string()
  .max(80)
  .regex(/^(?:staff|member|key|system)(?::[\w-]+)?$/, 'should be like staff:<id>, key:<id>, member:<id> or system')

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

const filter = {
  actor: actor.optional(),
  act: z
    .string()
    .max(120)
    .regex(/^\w+$/, 'should be the name of an operation, such as postMembersMemberIdReveals')
    .optional(),
  kind: z.enum(kinds).optional(),
  outcome: z.enum(outcomes).optional(),
  /** Any id of a member: all homes of the person are meant. */
  member: z.uuid().optional(),
  /** A moment, or a whole day of the group. */
  from: moment.optional(),
  /** Not this moment itself; of a day, up to its end. */
  until: moment.optional(),
  /** Words of the reason. Not called so: what asks for the log by a reason has none itself. */
  words: z.string().trim().min(1).max(100).optional(),
}

const who = z.object({
  actor: z.string(),
  kind: z.enum(['staff', 'member', 'key', 'system']),
  /** Of staff and keys; null where the name is gone or nobody's. */
  name: z.string().nullable(),
})

export const auditEntry = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  who,
  act: z.string(),
  kind: z.enum(kinds),
  /** Code of the refusal; null: it was done. */
  refusal: z.string().nullable(),
  permission: z.string().nullable(),
  address: z.string().nullable(),
  requestId: z.uuid().nullable(),
  /** Who it is about, by the id that stands now; the name for whoever may read members. */
  members: z.array(z.object({ id: z.uuid(), name: z.string().nullable() })),
  ids: z.record(z.string(), z.string()),
  fields: z.array(z.string()),
  reason: z.string().nullable(),
  details: z.record(z.string(), code),
})

export const listAudit = route('GET /audit-entries', {
  summary: 'Who saw, changed or exported what, newest first, by page',
  input: z.object({
    ...filter,
    before: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z_[0-9a-f-]{36}$/, 'should be the `next` of the page before')
      .optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  output: z.object({ entries: z.array(auditEntry), next: z.string().nullable() }),
})

export const exportAudit = route('GET /audit-entries/file', {
  summary: 'The same as CSV; that it was read is recorded',
  input: z.object(filter),
  output: z.object({}),
  reply: 'stream',
})

export const auditNames = route('GET /audit-entries/names', {
  summary: 'Who and which acts the log knows of, for choosing among them',
  input: z.object({}),
  output: z.object({ actors: z.array(who), acts: z.array(z.string()) }),
})

const check = z.object({
  checkedAt: z.iso.datetime(),
  batches: z.int(),
  entries: z.int(),
  broken: z.array(z.object({ invariant: z.string(), ids: z.array(z.string()), detail: z.string() })),
})

export const readSeal = route('GET /audit-seal', {
  summary: 'How far the log is sealed, and what the last check of it found',
  input: z.object({}),
  output: z.object({
    sealed: z.object({ batches: z.int(), sealedAt: z.iso.datetime() }).nullable(),
    check: check.nullable(),
  }),
})

export const checkSeal = route('POST /audit-checks', {
  summary: 'Go through the whole log and name what is not as it was written',
  input: z.object({}),
  output: check,
})

export const memberLooks = route('GET /members/:memberId/looks', {
  summary: 'Who looked at masked values of a member, when and why, newest first',
  input: z.object({ memberId: z.uuid(), limit: z.coerce.number().int().min(1).max(100).default(20) }),
  output: z.object({
    looks: z.array(
      z.object({
        id: z.uuid(),
        at: z.iso.datetime(),
        who,
        act: z.string(),
        recordId: z.uuid().nullable(),
        field: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  }),
})
