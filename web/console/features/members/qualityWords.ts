import type { Say } from '../../texts/texts.ts'

/** What a list of what to mend is about. */
export function findingText(say: Say, fieldText: (field: string) => string, finding: string): string {
  if (finding === 'any') return say('quality.toMend')
  if (finding === 'duplicates') return say('quality.duplicates')
  const [kind, field = '', code] = finding.split(':')
  if (kind === 'missing') return say('quality.without', { field: fieldText(field) })
  const what = code === undefined ? say('quality.wrong') : (say.code('problem', code) ?? code)
  return say('quality.whatIsWrong', { field: fieldText(field), what })
}
