import { useFormats } from '../../parts/session.ts'
import { useDictionary } from '../../parts/useDictionary.ts'
import { useLanguage, useText } from '../../texts/texts.ts'

/** A value as the program keeps it, in the reader's words. */
export function useFieldValue(): (field: string, value: string) => string {
  const say = useText()
  const formats = useFormats()
  const language = useLanguage()
  const { valueText } = useDictionary()
  return (field, value) => {
    if (field === 'gender') return say.code('gender', value) ?? value
    if (field === 'documentType') return say.code('documentType', value) ?? value
    if (field === 'birthDate' && /^\d{4}-\d\d-\d\d$/.test(value)) return formats.calendarDate(value)
    if (field === 'country' && /^[A-Z]{2}$/.test(value))
      return new Intl.DisplayNames(language, { type: 'region' }).of(value) ?? value
    // Tags come as one text.
    if (field === 'tags') return value
    return valueText(field, value)
  }
}
