/** Which language the apps speak: chosen by the person, else the first of the browser's that we have, else Chinese. */
export const languages = ['zh-CN', 'en', 'ru'] as const
export type Language = (typeof languages)[number]

export const languageNames: Record<Language, string> = { 'zh-CN': '简体中文', en: 'English', ru: 'Русский' }

const kept = 'roundtrip.language'

export function preferredLanguage(browser: readonly string[] = navigator.languages): Language {
  const chosen = localStorage.getItem(kept)
  if (isLanguage(chosen)) return chosen
  for (const wanted of browser) {
    const ours = languages.find((language) => language.slice(0, 2) === wanted.slice(0, 2).toLowerCase())
    if (ours) return ours
  }
  return 'zh-CN'
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
