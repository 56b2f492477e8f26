/** An entry of the audit log as a sentence. What this version has no words for is named by its operation. */
import type { listAudit } from '#modules/audit/contract'
import type { Output } from '#ui/call.ts'
import type { IconName } from '#ui/icons.tsx'
import { fieldName } from '../../parts/fieldName.ts'
import type { Say } from '../../texts/texts.ts'

export type Entry = Output<typeof listAudit>['entries'][number]

export const icons: Record<Entry['kind'], IconName> = {
  look: 'eye',
  change: 'edit',
  export: 'download',
  session: 'user',
}

export function actText(say: Say, act: string, { field, role }: { field?: string; role?: string } = {}): string {
  const named = field === undefined ? say('audit.value') : fieldName(say, field)
  const of = { field: named, role: role === undefined ? '' : (say.code('role', role) ?? role) }
  return say.code('act', act, of) ?? say.code('act', 'other', { act }) ?? act
}

/** The act after the name of whoever did it or tried to. */
export function sentence(say: Say, { act, ids, refusal }: Entry): string {
  const text = actText(say, act, ids)
  return refusal === null ? text : say('audit.tried', { act: text })
}

export function refusalText(say: Say, code: string): string {
  return say('audit.refused', { reason: say.code('refusal', code) ?? code })
}

/** What of a customer record was given, by the names that pages call it; null where it was none. */
export function recordFields(say: Say, fields: readonly string[]): string | null {
  const own = fields.flatMap((field) => (field.startsWith('record.') ? [fieldName(say, field.slice(7))] : []))
  return own.length > 0 ? own.join(say('comma')) : null
}
