import { useFormats } from '../../parts/session.ts'
import { type Say, useLanguage, useText } from '../../texts/texts.ts'

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

/** A value as the program keeps it, in the reader's words. */
export function useFieldValue(): (field: string, value: string) => string {
  const say = useText()
  const formats = useFormats()
  const language = useLanguage()
  return (field, value) => {
    if (field === 'gender') return say.code('gender', value) ?? value
    if (field === 'documentType') return say.code('documentType', value) ?? value
    if (field === 'birthDate' && /^\d{4}-\d\d-\d\d$/.test(value)) return formats.calendarDate(value)
    if (field === 'country' && /^[A-Z]{2}$/.test(value))
      return new Intl.DisplayNames(language, { type: 'region' }).of(value) ?? value
    return value
  }
}
