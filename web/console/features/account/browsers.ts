/** Browsers by what they call themselves. Each pretends to be those before it, so the rarer names are looked for first. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger/, 'WeChat'],
  [/YaBrowser/, 'Yandex'],
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/QQBrowser/, 'QQ'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS|Chromium/, 'Chrome'],
  [/Safari/, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/Linux/, 'Linux'],
]

/** Such as `Chrome · Windows`; null for what is no browser that is known. */
export function browserOf(agent: string | null): string | null {
  const named = (names: typeof browsers) => names.find(([sign]) => sign.test(agent ?? ''))?.[1]
  const browser = named(browsers)
  return browser ? [browser, named(systems)].filter(Boolean).join(' · ') : null
}
