/** What the member centre says, in the reader's language. Small, so no library: a text and what fills it in. */
import { useSyncExternalStore } from 'react'
import { Problem } from '#ui/call.ts'
import { type Formats, formatsOf } from '#ui/formats.ts'
import { isLanguageChosen, keepLanguage, type Language, preferredLanguage } from '#ui/languages.ts'
import { en } from './en.ts'
import { ru } from './ru.ts'
import { type TextKey, zh } from './zh.ts'

export type { TextKey } from './zh.ts'

const texts: Record<Language, Record<TextKey, string>> = { 'zh-CN': zh, en, ru }

let language = preferredLanguage()
document.documentElement.lang = language
const listeners = new Set<() => void>()

export function speak(chosen: Language, { keep }: { keep: boolean }): void {
  if (keep) keepLanguage(chosen)
  if (chosen === language) return
  language = chosen
  document.documentElement.lang = chosen
  for (const listener of listeners) listener()
}

/**
 * What the group speaks, once it is known. Whoever reads another language by now goes over to what is offered: what
 * this browser was told, what the account was told, what the browser asks for, what the group speaks first.
 */
export function offer(offered: readonly Language[], told: Language | null): void {
  const isTold = isLanguageChosen() && preferredLanguage(offered) === preferredLanguage()
  speak(isTold ? preferredLanguage(offered) : (told ?? preferredLanguage(offered)), { keep: false })
}

export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => language,
  )
}

export type Say = (key: TextKey, values?: Record<string, string | number>) => string

const sayIn =
  (spoken: Language): Say =>
  (key, values = {}) =>
    texts[spoken][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))

export function useText(): Say {
  return sayIn(useLanguage())
}

/** For what the program names by a code that this version may not know; null when there is no text. */
export function useCode(): (group: string, code: string, values?: Record<string, string | number>) => string | null {
  const say = useText()
  return (group, code, values) => {
    const key = `${group}.${code}`
    return key in zh ? say(key as TextKey, values) : null
  }
}

export function useProblem(): (error: unknown) => string {
  const say = useText()
  const code = useCode()
  return (error) =>
    (error instanceof Problem && code('refusal', error.code, error.params as Record<string, string>)) ||
    say('refusal.other')
}

export function useFormats(timeZone: string): Formats {
  return formatsOf(useLanguage(), timeZone)
}

/** In which capacity somebody looked: a colleague by role and store, never by name. */
export function lookedBy(
  say: Say,
  code: ReturnType<typeof useCode>,
  { by, role, roleName, place }: { by: string; role: string | null; roleName: string | null; place: string | null },
): string {
  const who = roleName ?? (role === null ? null : code('role', role)) ?? code('look', by) ?? by
  return place === null ? who : say('look.at', { who, place })
}
