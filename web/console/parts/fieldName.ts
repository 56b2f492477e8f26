import type { Say } from '../texts/texts.ts'

/** The name of a field of a record; `openid@ACCOUNT` and `custom.KEY` carry a part of their own. */
export function fieldName(say: Say, field: string): string {
  const custom = /^custom\.(.+)$/.exec(field)?.[1]
  if (custom) return custom
  // What a cleaner could not read is kept as it came, beside the rest.
  const raw = /^raw\.(.+)$/.exec(field)?.[1]
  if (raw) return say.code('field', 'raw', { of: fieldName(say, raw) }) ?? raw
  const [kind = field, of = ''] = field.split('@')
  return say.code('field', kind, { of: kind === 'document' ? '' : of }) ?? field
}
