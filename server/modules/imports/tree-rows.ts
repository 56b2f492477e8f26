/**
 * From the rows of a spreadsheet to rows of the tree. A line names a company, or a company and one of its stores. Who
 * stands in the tree already is known by code, else by name, so that the same file read again changes nothing; a code
 * is made only for who is new and has none.
 */
import { fold, isBlank } from '#modules/cleaning'
import { type CodesInUse, type RowMistake, type Tree, type TreeRow, takeCode } from '#modules/organisation'
import type { SourceRow } from './files/index.ts'
import type { TreeField } from './tree-words.ts'

export interface ReadRow {
  number: number
  made: boolean
  told: TreeRow
}

type Values = Partial<Record<TreeField, string>>
type Say = (field: RowMistake['field'], code: RowMistake['code'], value: string, message: string) => void

const codeForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const longest = { company: 120, store: 120, city: 60 } as const

export function treeRowsOf(
  rows: readonly SourceRow[],
  { fields, standing, inUse }: { fields: readonly (TreeField | null)[]; standing: Tree; inUse: CodesInUse },
): { rows: ReadRow[]; mistakes: RowMistake[] } {
  const lines = rows.map(({ number, cells }) => ({ number, values: valuesOf(cells, fields) }))
  for (const { values } of lines) {
    if (values.companyCode) inUse.company.add(values.companyCode)
    if (values.storeCode) inUse.store.add(values.storeCode)
  }
  const mistakes: RowMistake[] = []
  const companies = companiesOf(lines, { standing, inUse })
  const stores = storesOf(standing)
  const told: ReadRow[] = []
  const toldAt = new Map<string, number>()
  for (const { number, values } of lines) {
    const before = mistakes.length
    const say: Say = (field, code, value, message) => mistakes.push({ row: number, field, code, value, message })
    checkForms(values, say)
    if (mistakes.length > before) continue
    const known = stores.of(values)
    const company = companies.of(values) ?? (known?.company ? { code: known.company, made: false } : null)
    if (!company) {
      say('company', 'missing', '', 'there is no company. Say which one the store belongs to.')
      continue
    }
    const name = values.company ?? companies.nameOf(company.code)
    if (!name) say('company', 'missing', company.code, `the company ${company.code} has no name yet. Say its name.`)
    else if (companies.nameOf(company.code) !== name)
      say(
        'company',
        'two_names',
        name,
        `the company ${company.code} is called ${companies.nameOf(company.code)} in another row.`,
      )
    else if (!toldAt.has(`company ${company.code}`)) {
      toldAt.set(`company ${company.code}`, number)
      if (values.company || !values.store)
        told.push({ number, made: company.made, told: { kind: 'company', code: company.code, name } })
    }
    if (values.store === undefined && values.storeCode === undefined) continue
    const store = values.store ?? known?.name
    const city = values.city ?? known?.city
    if (!store) say('store', 'missing', values.storeCode!, 'the store has a code and no name. Say its name.')
    if (!city) say('city', 'missing', store ?? '', 'there is no city. Say where the store is.')
    if (mistakes.length > before) continue
    const itself = `store ${values.storeCode ?? known?.code ?? `${company.code} ${store}`}`
    const first = toldAt.get(itself)
    if (first !== undefined) {
      say('store', 'told_twice', store!, `the store is told in row ${first} already. Keep one of the two rows.`)
      continue
    }
    toldAt.set(itself, number)
    const code = values.storeCode ?? known?.code ?? takeCode(inUse, 'store', store!)
    told.push({
      number,
      made: !values.storeCode && !known,
      told: { kind: 'store', code, name: store!, city: city!, company: company.code },
    })
  }
  return { rows: told, mistakes }
}

interface Line {
  number: number
  values: Values
}

/** Companies by what a row says of them: code, else the name that a code stands beside in any row, else the tree. */
function companiesOf(lines: readonly Line[], { standing, inUse }: { standing: Tree; inUse: CodesInUse }) {
  const nameOfCode = new Map<string, string>()
  const codeOfName = new Map(standing.companies.map(({ code, name }) => [name, { code, made: false }]))
  for (const { values } of lines) {
    if (!values.companyCode || !values.company) continue
    if (!nameOfCode.has(values.companyCode)) nameOfCode.set(values.companyCode, values.company)
    codeOfName.set(values.company, { code: values.companyCode, made: false })
  }
  for (const { code, name } of standing.companies) if (!nameOfCode.has(code)) nameOfCode.set(code, name)
  return {
    of({ company, companyCode }: Values): { code: string; made: boolean } | null {
      if (companyCode) return { code: companyCode, made: false }
      if (!company) return null
      const known = codeOfName.get(company)
      if (known) return known
      const made = { code: takeCode(inUse, 'company', company), made: true }
      codeOfName.set(company, made)
      nameOfCode.set(made.code, company)
      return made
    },
    nameOf: (code: string) => nameOfCode.get(code),
  }
}

interface KnownStore {
  code: string
  name: string
  city: string | null
  company: string | null
  companyName: string | null
}

/** Stores of the tree by code; by name in the company that the row names, or where only one has the name. */
function storesOf(standing: Tree) {
  const known: KnownStore[] = [
    ...standing.companies.flatMap(({ code, name, stores }) =>
      stores.map((store) => ({ ...store, company: code, companyName: name })),
    ),
    ...standing.storesWithoutCompany.map((store) => ({ ...store, city: null, company: null, companyName: null })),
  ]
  const byCode = new Map(known.map((store) => [store.code, store]))
  const byName = Map.groupBy(known, ({ name }) => name)
  return {
    of({ store, storeCode, company, companyCode }: Values): KnownStore | null {
      if (storeCode) return byCode.get(storeCode) ?? null
      const named = (store && byName.get(store)) || []
      const within = named.find(
        (one) => one.company !== null && (one.company === companyCode || one.companyName === company),
      )
      return within ?? (named.length === 1 ? named[0]! : null)
    },
  }
}

function valuesOf(cells: readonly (string | null)[], fields: readonly (TreeField | null)[]): Values {
  const values: Values = {}
  for (const [index, field] of fields.entries()) {
    const cell = cells[index]
    if (field && !isBlank(cell)) values[field] = fold(cell!)
  }
  return values
}

function checkForms(values: Values, say: Say): void {
  for (const field of ['companyCode', 'storeCode'] as const) {
    const value = values[field]
    if (value !== undefined && !codeForm.test(value))
      say(field, 'code_form', value, `${value} is no code: 1 to 64 letters, digits, dots, dashes or underscores.`)
  }
  for (const field of ['company', 'store', 'city'] as const) {
    const value = values[field]
    if (value !== undefined && value.length > longest[field])
      say(field, 'too_long', `${value.slice(0, 20)}…`, `this is longer than ${longest[field]} characters.`)
  }
}
