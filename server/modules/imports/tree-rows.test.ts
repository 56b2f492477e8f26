import { describe, expect, test } from 'vitest'
import { codeOfName } from '#modules/cleaning'
import type { Tree } from '#modules/organisation'
import { treeRowsOf } from './tree-rows.ts'
import { guessTreeColumns } from './tree-words.ts'

const nothing: Tree = { companies: [], storesWithoutCompany: [] }
const standing: Tree = {
  companies: [
    { code: 'cd', name: '成都公司', stores: [{ code: 'S001', name: '春熙路店', city: '成都' }] },
    { code: 'jn', name: '济南公司', stores: [] },
  ],
  storesWithoutCompany: [{ code: 'kuanzhai', name: '宽窄巷子店' }],
}
const inUse = ({ companies, storesWithoutCompany }: Tree) => ({
  company: new Set(companies.map(({ code }) => code)),
  store: new Set([
    'centre',
    ...companies.flatMap(({ stores }) => stores.map(({ code }) => code)),
    ...storesWithoutCompany.map(({ code }) => code),
  ]),
})

/** A sheet as text, a header and rows below it. */
function read(text: string, of: Tree = nothing) {
  const [header, ...lines] = text.trim().split('\n')
  const fields = guessTreeColumns(header!.split(','))
  const rows = lines.map((line, index) => ({
    number: index + 2,
    cells: line.split(',').map((cell) => cell.trim() || null),
  }))
  const { rows: told, mistakes } = treeRowsOf(rows, { fields, standing: of, inUse: inUse(of) })
  return {
    rows: told.map(({ told: row, made }) =>
      [
        row.kind,
        row.code,
        row.name,
        ...(row.kind === 'store' ? [row.city, row.company] : []),
        ...(made ? ['made'] : []),
      ].join(' '),
    ),
    mistakes: mistakes.map(({ row, field, code, value }) => [row, field, code, value].join(' ').trim()),
  }
}

test('columns are known by their headers in three languages', () => {
  expect(guessTreeColumns(['所属分公司', '门店编号', '门店名称', '所在城市', '店长'])).toEqual([
    'company',
    'storeCode',
    'store',
    'city',
    null,
  ])
  expect(guessTreeColumns(['Company', 'Company Code', 'Store Name', 'Store ID', 'City'])).toEqual([
    'company',
    'companyCode',
    'store',
    'storeCode',
    'city',
  ])
  expect(guessTreeColumns(['Компания', 'Магазин', 'Код магазина', 'Город'])).toEqual([
    'company',
    'store',
    'storeCode',
    'city',
  ])
  // A general word counts only where nothing says it better.
  expect(guessTreeColumns(['名称', '门店', '编号', '公司'])).toEqual([null, 'store', 'storeCode', 'company'])
})

test('codes are short, from what names say', () => {
  expect(
    ['成都春熙路店', '云南远岫旅行社有限公司', 'Магазин на Арбате', 'Sunrise Travel Ltd.', '广场店'].map(codeOfName),
  ).toEqual(['chengduchunxilu', 'yunnanyuanxiulvxingshe', 'magazin-na-arbate', 'sunrise-travel', 'guangchang'])
  expect(codeOfName('★★★')).toBe('')
})

describe('a new group', () => {
  test('has companies once, before their stores, and codes that nobody had', () => {
    expect(
      read('公司,门店,城市\n成都公司,春熙路店,成都\n成都公司,春熙路分店,成都\n济南公司,,\n成都公司,★,成都'),
    ).toEqual({
      rows: [
        'company chengdu 成都公司 made',
        'store chunxilu 春熙路店 成都 chengdu made',
        'store chunxilu-2 春熙路分店 成都 chengdu made',
        'company jinan 济南公司 made',
        'store store-1 ★ 成都 chengdu made',
      ],
      mistakes: [],
    })
  })
  test('keeps the codes of the file, and makes none that the file has', () => {
    expect(read('公司,门店,门店代码,城市\n成都公司,春熙路店,,成都\n成都公司,宽窄店,chunxilu,成都').rows).toEqual([
      'company chengdu 成都公司 made',
      'store chunxilu-2 春熙路店 成都 chengdu made',
      'store chunxilu 宽窄店 成都 chengdu',
    ])
  })
  test('takes a code of a company from any of its rows', () => {
    expect(read('公司,公司代码,门店,城市\n成都公司,,春熙路店,成都\n成都公司,C01,宽窄店,成都').rows).toEqual([
      'company C01 成都公司',
      'store chunxilu 春熙路店 成都 C01 made',
      'store kuanzhai 宽窄店 成都 C01 made',
    ])
  })
})

describe('what stands already', () => {
  test('is known by name, so that the same file changes nothing', () => {
    expect(read('公司,门店,城市\n成都公司,春熙路店,成都', standing)).toEqual({
      rows: ['company cd 成都公司', 'store S001 春熙路店 成都 cd'],
      mistakes: [],
    })
  })
  test('is renamed and moved by its code, and keeps the city that the file leaves out', () => {
    expect(read('公司,门店,门店代码\n济南公司,济南春熙路店,S001', standing).rows).toEqual([
      'company jn 济南公司',
      'store S001 济南春熙路店 成都 jn',
    ])
  })
  test('finds its company, where it had none', () => {
    expect(read('公司,门店,城市\n成都公司,宽窄巷子店,成都', standing).rows).toEqual([
      'company cd 成都公司',
      'store kuanzhai 宽窄巷子店 成都 cd',
    ])
  })
})

test('each mistake is said with its row and field, and the rest is read', () => {
  expect(
    read(
      [
        '公司,公司代码,门店,门店代码,城市',
        ',,春熙路店,,成都',
        '成都公司,,宽窄店,,',
        '成都公司,,锦里店,S 1,成都',
        '成都公司,,武侯店,,成都',
        '成都公司,,武侯店,,成都',
        '济南公司,C01,泉城店,,济南',
        '济南分公司,C01,趵突泉店,,济南',
        `成都公司,,${'长'.repeat(121)},,成都`,
      ].join('\n'),
    ),
  ).toEqual({
    rows: [
      'company chengdu 成都公司 made',
      'store wuhou 武侯店 成都 chengdu made',
      'company C01 济南公司',
      'store quancheng 泉城店 济南 C01 made',
    ],
    mistakes: [
      '2 company missing',
      '3 city missing 宽窄店',
      '4 storeCode code_form S 1',
      '6 store told_twice 武侯店',
      '8 company two_names 济南分公司',
      `9 store too_long ${'长'.repeat(20)}…`,
    ],
  })
})
