/**
 * What the console says. Chinese is written first and its literal texts give the types: a key that is missing in
 * another language, or a value that a text needs and isn't given, fails the type check. A text with `count` has the
 * plural forms of its language.
 */
import i18next from 'i18next'
import { useMemo } from 'react'
import { initReactI18next, useTranslation } from 'react-i18next'
import type { Language } from '#ui/languages.ts'
import type { zh } from './zh/index.ts'

type Zh = typeof zh
export type TextKey = keyof Zh & string

type Names<Text extends string> = Text extends `${string}{{${infer Name}}}${infer Rest}`
  ? (Name extends `${infer Bare},${string}` ? Bare : Name) | Names<Rest>
  : never
type Values<Key extends TextKey> = [Names<Zh[Key]>] extends [never]
  ? []
  : [values: Record<Names<Zh[Key]>, string | number>]

export interface Say {
  <Key extends TextKey>(key: Key, ...values: Values<Key>): string
  /** For what the program names by a code that this version may not know: null when there is no text. */
  code(group: CodeGroup, code: string, values?: Record<string, unknown>): string | null
}

/** Groups of texts whose keys end in a code of the program. */
export const codeGroups = [
  'refusal',
  'change',
  'problem',
  'rejection',
  'warning',
  'reason',
  'step',
  'field',
  'evidence',
  'event',
  'channelKind',
  'orderStatus',
  'payment',
  'gender',
  'documentType',
  'role',
  'permission',
  'permissionArea',
  'line',
  'entry',
  'review',
  'joinWarning',
  'actor',
  'ownName',
  'reaction',
  'job',
  'machine',
  'machineWhat',
  'act',
  'auditBroken',
  'topic',
  'retention',
  'activity',
  'holds',
  'hookKind',
  'noAnswer',
  'asked',
  'factor',
  'level',
  'sharedKind',
] as const
export type CodeGroup = (typeof codeGroups)[number]

const load: Record<Language, () => Promise<Record<string, string>>> = {
  'zh-CN': () => import('./zh/index.ts').then(({ zh }) => zh),
  en: () => import('./en/index.ts').then(({ en }) => en),
  ru: () => import('./ru/index.ts').then(({ ru }) => ru),
}

export async function speak(language: Language): Promise<void> {
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      resources: { [language]: { translation: await load[language]() } },
      fallbackLng: false,
      keySeparator: false,
      nsSeparator: false,
      interpolation: { escapeValue: false },
    })
  } else if (i18next.language !== language) {
    i18next.addResourceBundle(language, 'translation', await load[language]())
    await i18next.changeLanguage(language)
  }
  document.documentElement.lang = language
}

export function useLanguage(): Language {
  return useTranslation().i18n.language as Language
}

export function useText(): Say {
  const { t } = useTranslation()
  return useMemo(() => {
    const say = (key: string, values?: Record<string, unknown>) => t(key, values ?? {})
    const code: Say['code'] = (group, of, values = {}) => {
      const key = `${group}.${of}`
      return i18next.exists(key, values) ? t(key, values) : null
    }
    return Object.assign(say, { code }) as Say
  }, [t])
}
