/** Words of the dictionary in the reader's language: how a field and its values are called. */
import { useQuery } from '@tanstack/react-query'
import { type DictionaryEntry, readDictionary, type WordNames } from '#modules/dictionary/contract'
import type { Language } from '#ui/languages.ts'
import { reading } from '#ui/queries.ts'
import { useLanguage, useText } from '../texts/texts.ts'
import { fieldName } from './fieldName.ts'
import { useMaySee } from './session.ts'

export const wordName = (names: WordNames, language: Language): string =>
  names[language] ?? Object.values(names).find((name) => name !== null) ?? ''

export function useDictionary() {
  const language = useLanguage()
  const say = useText()
  const query = useQuery({ ...reading(readDictionary, {}), enabled: useMaySee('members.read'), staleTime: 60_000 })
  const fields: readonly DictionaryEntry[] = query.data?.fields ?? []
  const entryOf = (field: string) => fields.find((one) => one.field === field)
  return {
    query,
    fields,
    entryOf,
    /** The program's own fields are called as everywhere; those that were added as they were named. */
    fieldText: (field: string) => {
      const own = field.startsWith('custom.') ? entryOf(field) : undefined
      return own ? wordName(own.names, language) : fieldName(say, field)
    },
    valueText: (field: string, code: string) => {
      const value = entryOf(field)?.values.find((one) => one.code === code)
      return value ? wordName(value.names, language) : code
    },
  }
}
