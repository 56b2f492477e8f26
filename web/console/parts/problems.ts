import { Problem } from '#ui/call.ts'
import type { Say } from '../texts/texts.ts'

/** What was refused, in the reader's language; where this version has no words for it, the program's own message. */
export function problemText(say: Say, error: unknown): string {
  if (!(error instanceof Problem)) return say('failure.general', { message: String(error) })
  return say.code('refusal', error.code, error.params) ?? say('failure.general', { message: error.message })
}
