import { z } from 'zod'
import { route } from '#platform/contract'

/** Fields of the program whose values are words: of a member, and of an order. */
export const memberWords = ['source', 'gender', 'city', 'region', 'documentType', 'tags'] as const
export const orderWords = ['product', 'paymentMethod', 'status'] as const
export const wordFields = [...memberWords, ...orderWords] as const

export const fieldKinds = ['text', 'number', 'date', 'choice', 'yesno'] as const

/** A field of the program, or one that the group or a company added. */
export const dictionaryField = z
  .string()
  .regex(
    new RegExp(`^(?:${wordFields.join('|')}|custom\\.[\\p{L}\\p{N}_-]{1,40})$`, 'u'),
    `should be ${wordFields.join(', ')} or custom.KEY`,
  )

const written = z.string().trim().min(1).max(120)

/** In each language; where one is missing, the first that is there is shown. */
export const wordNames = z
  .object({ 'zh-CN': written.nullable(), en: written.nullable(), ru: written.nullable() })
  .refine((names) => Object.values(names).some((name) => name !== null), 'should have a name in one language at least')
export type WordNames = z.infer<typeof wordNames>

export const wordValue = z.object({
  /** What stands in the record. */
  code: written,
  names: wordNames,
  /** Other ways in which it is written; names and code needn't be among them. */
  spellings: z.array(written).max(500),
})
export type WordValue = z.infer<typeof wordValue>

export const fieldDefinition = z.object({
  names: wordNames,
  kind: z.enum(fieldKinds),
  /** What is not in the list is refused on entry, and by an import reported and kept apart. */
  closed: z.boolean(),
  values: z.array(wordValue).max(2_000),
  /** Words by which somebody writes that nothing is known. */
  blanks: z.array(written).max(200),
})
export type FieldDefinition = z.infer<typeof fieldDefinition>

export const dictionaryEntry = fieldDefinition.extend({
  field: z.string(),
  /** Code of the company whose field it is; null: the group's. */
  company: z.string().nullable(),
  /** Codes that the program knows by itself: they can have other names and more spellings, and can't be left out. */
  fixed: z.array(z.string()),
  /** False where the program gives the list and nobody can add to it. */
  open: z.boolean(),
  /** 0 while it is as the program brought it. */
  version: z.int(),
  changedAt: z.iso.datetime().nullable(),
  /** Whether whoever asks may change it. */
  mine: z.boolean(),
})
export type DictionaryEntry = z.infer<typeof dictionaryEntry>

const company = z.string().min(1).max(64).nullable().default(null)

export const readDictionary = route('GET /dictionary', {
  summary: 'Fields with their allowed values, names and spellings: of the group, and of companies within the scope',
  input: z.object({}),
  output: z.object({
    fields: z.array(dictionaryEntry),
    /** Companies that whoever asks may describe fields for. */
    companies: z.array(z.object({ code: z.string(), name: z.string() })),
  }),
})

export const putField = route('PUT /dictionary/:field', {
  summary: 'Say what a field may hold; of a custom field also what kind of field it is',
  input: fieldDefinition.extend({
    field: dictionaryField,
    company,
    /** Of the description that was read; null: whatever stands there. */
    version: z.int().min(0).nullable().default(null),
  }),
  output: dictionaryEntry,
})

export const removeField = route('DELETE /dictionary/:field', {
  summary: 'Forget a custom field, or go back to how the program describes one of its own; what records say stays',
  input: z.object({ field: dictionaryField, company }),
  output: z.object({}),
})

export const mapSpellings = route('POST /dictionary/:field/spellings', {
  summary: 'Say that these spellings mean a value, or nothing; a value that is new is added',
  input: z.object({
    field: dictionaryField,
    company,
    spellings: z.array(written).min(1).max(500),
    /** Null: they say that nothing is known. */
    value: written.nullable(),
    /** Of a value that is new. */
    names: wordNames.optional(),
  }),
  output: dictionaryEntry,
})
