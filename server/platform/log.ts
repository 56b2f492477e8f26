/**
 * Logs carry ids, codes, counts and durations. Personal values don't belong in them: bodies, queries and headers are
 * never logged, addresses lose their query, and what slips into a text or an error message is masked by shape.
 */
import pino, { type Logger } from 'pino'

export type Log = Logger

// Full-width digits are digits; full-width letters don't occur in what we mask.
const digit = '[0-9\uff10-\uff19]'

/** Ids, hashes, moments and addresses of machines have digits too, and are what a log is for. */
const kept = [
  '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  '[0-9a-f]{32,}',
  '\\d{4}-\\d{2}-\\d{2}T[\\d:.]+(?:Z|[+-]\\d{2}:?\\d{2})?',
  '(?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\d.])',
].join('|')

const email = '[\\p{L}\\d.!#$%&*+/=?^_`{|}~-]+[@\uff20][\\p{L}\\d-]+(?:\\.[\\p{L}\\d-]+)+'

const number = [
  // Passports and cards: one or two letters, then digits; Hong Kong puts a check digit in brackets.
  `(?<![A-Za-z0-9])[A-Za-z]{1,2}${digit}{6,10}(?:\\([0-9A-Za-z]\\))?(?![A-Za-z0-9])`,
  // Phones, identity cards, bank cards, dates of birth: at least eight digits, however they are parted.
  `\\+?${digit}(?:[ ()/.\u3000-]{0,3}${digit}){7,}[Xx]?`,
].join('|')

const shapes = new RegExp(`(?<kept>${kept})|(?<email>${email})|(?<number>${number})`, 'gu')

/** Masks what looks like an e-mail address or a phone, document or card number. */
export function withoutPersonalValues(text: string): string {
  return text.replace(shapes, (found, ...rest) => {
    const { kept, email } = rest.at(-1) as Record<string, string | undefined>
    if (kept !== undefined) return found
    return email !== undefined ? '<email>' : '<number>'
  })
}

/** The same for all texts within the fields of a line. Of an error stays what it is, what it says and where. */
function masked(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutPersonalValues(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > 8) return '…'
  if (value instanceof Error) return shown(value)
  if (Array.isArray(value)) return value.map((item) => masked(item, depth + 1))
  if ('toJSON' in value && typeof value.toJSON === 'function') return masked(value.toJSON(), depth + 1)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, depth + 1)]))
}

function shown(error: Error): object {
  return {
    type: error.name,
    code: (error as { code?: unknown }).code,
    message: withoutPersonalValues(error.message),
    // A stack repeats the message in its first lines; the places are what is wanted.
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12)
      .map(withoutPersonalValues)
      .join('\n'),
  }
}

export function openLog(
  level: string,
  destination: pino.DestinationStream = pino.destination({ dest: 2, sync: false }),
): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors come here as they are to be seen.
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod([first, ...rest], method) {
          const parts = [first instanceof Error ? { err: first } : first, ...rest]
          method.apply(this, parts.map((part) => masked(part)) as Parameters<typeof method>)
        },
      },
    },
    destination,
  )
}
