/**
 * Logs carry ids, codes, counts and durations. Personal values don't belong in them: bodies, queries and headers are
 * never logged, addresses lose their query, and what slips into an error message is masked by shape.
 */
import pino, { type Logger } from 'pino'

export type Log = Logger

const shapes: [RegExp, string][] = [
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '<email>'],
  [/(?<![\w-])\+?\d[\d ()-]{8,}\d[Xx]?(?![\w-])/g, '<number>'],
]

/** Masks what looks like an e-mail address or a phone or document number. */
export function withoutPersonalValues(text: string): string {
  return shapes.reduce((masked, [shape, name]) => masked.replace(shape, name), text)
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
      serializers: {
        err: (error: Error & { code?: string }) => ({
          type: error.name,
          code: error.code,
          message: withoutPersonalValues(error.message),
          // A stack repeats the message in its first lines; the places are what is wanted.
          stack: error.stack
            ?.split('\n')
            .filter((line) => /^\s+at /.test(line))
            .slice(0, 12)
            .join('\n'),
        }),
      },
      hooks: {
        logMethod(parts, method) {
          method.apply(
            this,
            parts.map((part) => (typeof part === 'string' ? withoutPersonalValues(part) : part)) as Parameters<
              typeof method
            >,
          )
        },
      },
    },
    destination,
  )
}
