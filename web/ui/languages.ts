/**
 * Which language the apps speak: chosen by the person, else the first of the browser's that is offered, else the first
 * that is offered. Staff are offered all of them, members those that their group speaks.
 */
export const languages = ['zh-CN', 'en', 'ru'] as const
export type Language = (typeof languages)[number]

export const languageNames: Record<Language, string> = { 'zh-CN': '简体中文', en: 'English', ru: 'Русский' }

const kept = 'roundtrip.language'

export function preferredLanguage(
  offered: readonly Language[] = languages,
  browser: readonly string[] = navigator.languages,
): Language {
  const chosen = localStorage.getItem(kept)
  if (isLanguage(chosen) && offered.includes(chosen)) return chosen
  for (const wanted of browser) {
    const ours = offered.find((language) => language.slice(0, 2) === wanted.slice(0, 2).toLowerCase())
    if (ours) return ours
  }
  return offered[0]!
}

/** Whether this browser was told, and did not just guess. */
export function isLanguageChosen(): boolean {
  return isLanguage(localStorage.getItem(kept))
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(kept, language)
}

function isLanguage(text: string | null): text is Language {
  return languages.some((language) => language === text)
}
