/** The words of dates: months in English and Russian, Chinese characters and numerals, clocks and offsets. */

export const months = new Map<string, number>()
for (const [index, words] of [
  'january jan январь января янв',
  'february feb февраль февраля фев февр',
  'march mar март марта мар',
  'april apr апрель апреля апр',
  'may май мая',
  'june jun июнь июня июн',
  'july jul июль июля июл',
  'august aug август августа авг',
  'september sep sept сентябрь сентября сен сент',
  'october oct октябрь октября окт',
  'november nov ноябрь ноября ноя нояб',
  'december dec декабрь декабря дек',
].entries()) {
  for (const word of words.split(' ')) months.set(word, index + 1)
}

/** 7, "07", "July" and "июля" as 7; null for anything else. */
export function monthOf(text: string): number | null {
  const word = text.trim().toLowerCase().replace(/\.$/, '')
  if (/^\d{1,2}$/.test(word)) return Number(word) >= 1 && Number(word) <= 12 ? Number(word) : null
  return months.get(word) ?? null
}

const chineseDigits = '〇一二三四五六七八九'

/** 一九八七年六月四日 下午3点05分 → 1987-6-4 下午 3:05; 民国76年 → 1987-. */
export function chineseAsSigns(text: string): string {
  return text
    .replace(/[零○]/g, '〇')
    .replace(/[〇一二三四五六七八九十廿]+(?=[年月日号时点分秒])/g, chineseNumber)
    .replace(/(?:民国)\s*(\d{1,3})\s*年/, (_, year: string) => `${Number(year) + 1911}年`)
    .replace(/^公元|(?:出生|生)$/g, '')
    .replace(/(?:星期|周)[一二三四五六日天]/, ' ')
    .replace(/\s*年\s*(?=\d)|\s*月\s*(?=\d)/g, '-')
    .replace(/\s*[年月]\s*$/, '')
    .replace(/\s*[日号]\s*/, ' ')
    .replace(
      /(\d)\s*[时点]\s*(?:整|(\d{1,2})(?:\s*分)?)?(?:\s*(\d{1,2})\s*秒)?/,
      (_, hour: string, minute?: string, second?: string) => {
        return `${hour}:${(minute ?? '0').padStart(2, '0')}${second ? `:${second.padStart(2, '0')}` : ''}`
      },
    )
    .trim()
}

function chineseNumber(text: string): string {
  if (!/[十廿]/.test(text)) return [...text].map((digit) => chineseDigits.indexOf(digit)).join('')
  const [tens = '', ones = ''] = text.replace('廿', '二十').split('十')
  return String((tens === '' ? 1 : chineseDigits.indexOf(tens)) * 10 + (ones === '' ? 0 : chineseDigits.indexOf(ones)))
}

const clockPattern =
  /^(.*?)[\st,]*(?<!\d)(上午|下午|中午|晚上|早上|凌晨)?\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?(?:m\.?)?\s*(?:(z|utc|gmt|мск)|(?:utc|gmt)?([+-]\d{1,2}):?(\d{2})?)?$/

/** Takes the time off the end of a text: `wrong` when no clock shows it, null when none is there. */
export function takeClock(
  text: string,
): { before: string; time: number; offsetMinutes: number | null } | 'wrong' | null {
  if (!text.includes(':')) return null
  const match = clockPattern.exec(text)
  if (!match) return null
  const [, before = '', chinese, hourText, minute, second, fraction, letter, zone, offsetHour, offsetMinute] = match
  let hour = Number(hourText)
  const afternoon = letter === 'p' || chinese === '下午' || chinese === '晚上' || (chinese === '中午' && hour < 3)
  const morning = letter === 'a' || chinese === '上午' || chinese === '早上' || chinese === '凌晨'
  if (afternoon && hour < 12) hour += 12
  if (morning && hour === 12) hour = 0
  if (hour > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return 'wrong'
  return {
    before,
    time: millisecondsOf(String(hour), minute, second, fraction),
    offsetMinutes: zone
      ? zone === 'мск'
        ? 180
        : 0
      : offsetHour === undefined
        ? null
        : minutesOf(offsetHour, offsetMinute),
  }
}

export function millisecondsOf(hour: string, minute = '0', second = '0', fraction = ''): number {
  return (
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3))
  )
}

export function minutesOf(hour: string, minute = '0'): number {
  const sign = hour.startsWith('-') ? -1 : 1
  return sign * (Math.abs(Number(hour)) * 60 + Number(minute))
}
