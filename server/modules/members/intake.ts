/**
 * From texts as a channel wrote them to the values of a record: each field by its cleaner. What was changed and what
 * could not be read is said; an unreadable text is kept as `raw.FIELD` beside the rest and identifies nobody.
 */
import {
  BLANK,
  type ChangeCode,
  type CountryCode,
  cleanBirthDate,
  cleanCountry,
  cleanDocument,
  cleanEmail,
  cleanGender,
  cleanName,
  cleanPhone,
  cleanTags,
  cleanText,
  type Name,
  type ProblemCode,
} from '#modules/cleaning'
import type { Lexicon } from '#modules/dictionary'
import type { RecordValues } from './values.ts'

export interface Intake {
  values: RecordValues
  /** The name as cleaned, with its key. */
  name: Name | null
  changes: { field: string; code: ChangeCode; before: string; after: string }[]
  problems: { field: string; code: ProblemCode; before: string }[]
}

export interface IntakeOptions {
  /** Country whose numbers are meant when a phone has no country code. */
  country: string
  /** Whether 01/02/1980 is the first of February; null where the file doesn't say. */
  dayFirst?: boolean | null
  /** The day on which the values are read: births lie before it. */
  today: string
  /** Of the group: a birthday exported as a moment is the day that it was there. */
  timeZone: string
  /** What the fields may say, as the channel's company and the group describe them. */
  lexicon?: Lexicon
}

type Said = { value: unknown; change?: ChangeCode | null; problem?: ProblemCode | null }

/** `raw`: field → text as it came. Blank texts count as not given. */
export function cleanRecord(raw: Readonly<Record<string, string | null | undefined>>, options: IntakeOptions): Intake {
  const intake: Intake = { values: {}, name: null, changes: [], problems: [] }
  const { values } = intake
  const take = (field: string, before: string, said: Said, after: string | string[] | null) => {
    if (after !== null) {
      values[field] = after
      if (said.change)
        intake.changes.push({
          field,
          code: said.change,
          before,
          after: Array.isArray(after) ? after.join(', ') : after,
        })
    } else if (said.problem) {
      intake.problems.push({ field, code: said.problem, before })
      if (before.trim() !== '') values[`raw.${field}`] = before
    }
  }

  const name = cleanName({
    name: raw.name ?? null,
    familyName: raw.familyName ?? null,
    givenName: raw.givenName ?? null,
  })
  const nameBefore = raw.name ?? [raw.familyName, raw.givenName].filter(Boolean).join(' ')
  take('name', nameBefore, name, name.value?.display ?? null)
  intake.name = name.value
  if (name.value?.family) values.familyName = name.value.family
  if (name.value?.given) values.givenName = name.value.given

  const { country, lexicon } = options
  for (const [field, text] of Object.entries(raw)) {
    if (text === null || text === undefined || text === '') continue
    switch (field) {
      case 'name':
      case 'familyName':
      case 'givenName':
      case 'documentType':
        break
      case 'phone': {
        const phone = cleanPhone(text, { region: country as CountryCode })
        take(field, text, phone, phone.value?.number ?? null)
        if (phone.value?.extension) values.phoneExtension = phone.value.extension
        if (phone.value && phone.value.others.length > 0) values.otherPhones = [...phone.value.others]
        break
      }
      case 'email': {
        const email = cleanEmail(text)
        take(field, text, email, email.value)
        break
      }
      case 'birthDate': {
        const birth = cleanBirthDate(text, {
          today: options.today,
          timeZone: options.timeZone,
          ...(options.dayFirst === null || options.dayFirst === undefined ? {} : { dayFirst: options.dayFirst }),
        })
        take(field, text, birth, birth.value)
        break
      }
      case 'gender': {
        const known = lexicon?.codeOf(field, text)
        const gender = known ? { value: known, change: null } : known === null ? BLANK : cleanGender(text)
        take(field, text, gender, gender.value)
        break
      }
      case 'documentNumber': {
        const type = raw.documentType ?? null
        const document = cleanDocument((type && lexicon?.codeOf('documentType', type)) ?? type, text)
        take(field, text, document, document.value?.number ?? null)
        if (document.value) {
          values.documentType = document.value.type
          if (document.value.birthDate && !raw.birthDate) values.birthDate = document.value.birthDate
          if (document.value.gender && !raw.gender) values.gender = document.value.gender
        }
        break
      }
      case 'country': {
        const found = cleanCountry(text)
        take(field, text, found, found.value)
        break
      }
      case 'tags': {
        const tags = new Set<string>()
        for (const tag of cleanTags(text)) {
          const word = lexicon?.read(field, tag)
          if (!word) tags.add(tag)
          else if (word.value !== null) {
            tags.add(word.value)
            if (word.change) intake.changes.push({ field, code: word.change, before: tag, after: word.value })
          } else if (word.problem) intake.problems.push({ field, code: word.problem, before: tag })
        }
        if (tags.size > 0) values.tags = [...tags]
        break
      }
      default: {
        const plain = lexicon?.read(field, text) ?? cleanText(text)
        take(field, text, plain, plain.value)
      }
    }
  }
  return intake
}
