import { describe, expect, test } from 'vitest'
import { readTable, rowsXml, xlsxOf } from './testing.ts'

const sheet = (rows: string, merges?: string[]) => xlsxOf([merges ? { rows, merges } : { rows }])
const row = (number: number, cells: string) => `<row r="${number}">${cells}</row>`
const head = row(1, '<c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>value</t></is></c>')

/** The value that a cell of this XML has; its style 1 is a date. */
const valueOfCell = async (cell: string, options: Parameters<typeof xlsxOf>[1] = {}) => {
  const rows = `${head}${row(2, `<c r="A2" t="inlineStr"><is><t>x</t></is></c>${cell}`)}`
  const table = await readTable(xlsxOf([{ rows }], { formats: [14, 'yyyy/mm/dd hh:mm'], ...options }))
  return { value: table.cells[0]![1], warnings: table.warnings }
}

describe('cells', () => {
  test.each([
    ['a shared text', '<c r="B2" t="s"><v>0</v></c>', '张三 & 李四'],
    ['an inline text in pieces', '<c r="B2" t="inlineStr"><is><r><t>张</t></r><r><t>三</t></r></is></c>', '张三'],
    ['no reading aids', '<c r="B2" t="inlineStr"><is><t>東京</t><rPh><t>トウキョウ</t></rPh></is></c>', '東京'],
    ['an escaped line break', '<c r="B2" t="str"><v>a_x000D_b_x005F_c</v></c>', 'a\rb_c'],
    ['CDATA', '<c r="B2" t="str"><v><![CDATA[<b>]]></v></c>', '<b>'],
    ['a long number', '<c r="B2"><v>1.3800138E10</v></c>', '13800138000'],
    ['a sum with noise', '<c r="B2"><v>0.30000000000000004</v></c>', '0.3'],
    ['a date', '<c r="B2" s="1"><v>45292</v></c>', '2024-01-01'],
    ['a time', '<c r="B2" s="2"><v>45292.25</v></c>', '2024-01-01T06:00:00'],
    ['an ISO date', '<c r="B2" t="d" s="1"><v>2024-01-01T00:00:00.000Z</v></c>', '2024-01-01'],
    ['truth', '<c r="B2" t="b"><v>1</v></c>', 'TRUE'],
    ['a computed number', '<c r="B2"><f>1+1</f><v>2</v></c>', '2'],
    ['a computed text', '<c r="B2" t="str"><f>CMD()</f><v>ok</v></c>', 'ok'],
    ['an empty computed text', '<c r="B2" t="str"><f>""</f><v></v></c>', null],
    ['an empty cell with a style', '<c r="B2" s="1"/>', null],
  ])('%s', async (_, cell, value) => {
    expect(await valueOfCell(cell, { strings: ['张三 &amp; 李四'] })).toEqual({ value, warnings: [] })
  })

  test('a formula that nobody computed and an error are empty and reported', async () => {
    expect(await valueOfCell('<c r="B2"><f>1+1</f></c>')).toEqual({
      value: null,
      warnings: [{ code: 'file.formula_without_value', row: 2, count: 1 }],
    })
    expect(await valueOfCell('<c r="B2" t="e"><v>#N/A</v></c>')).toEqual({
      value: null,
      warnings: [{ code: 'file.cell_error', row: 2, count: 1 }],
    })
  })

  test('dates of the 1904 system', async () => {
    expect((await valueOfCell('<c r="B2" s="1"><v>43830</v></c>', { from1904: true })).value).toBe('2024-01-01')
  })

  test('rows and cells without a place of their own follow one another; prefixes of names do not matter', async () => {
    const table = await readTable(
      sheet(
        '<x:row xmlns:x="y"><x:c t="str"><x:v>name</x:v></x:c><x:c t="str"><x:v>phone</x:v></x:c></x:row><row><c/><c><v>7</v></c></row>',
      ),
    )
    expect(table.columns).toEqual(['name', 'phone'])
    expect(table.rows).toEqual([{ number: 2, cells: [null, '7'] }])
  })

  test('many shared texts are found again, in any order', async () => {
    const strings = Array.from({ length: 60_000 }, (_, at) => `text ${at} ${'长'.repeat(at % 50)}`)
    const order = strings.map((_, at) => (at * 7919) % strings.length)
    const rows = order.map((text, at) => row(at + 1, `<c r="A${at + 1}" t="s"><v>${text}</v></c>`)).join('')
    const table = await readTable(xlsxOf([{ rows }], { strings }), { header: false })
    expect(table.cells.map(([text]) => text)).toEqual(order.map((at) => strings[at]))
  })
})

describe('sheets', () => {
  test('the first that is visible and not empty', async () => {
    const table = await readTable(
      xlsxOf([
        { rows: rowsXml([['secret'], ['x']]), state: 'hidden', name: 'A' },
        { rows: '<row r="1"><c r="A1" s="1"/></row>', name: 'B' },
        { rows: rowsXml([['name'], ['Anna']]), name: 'C' },
      ]),
    )
    expect(table).toMatchObject({ format: 'xlsx', sheet: 'C', columns: ['name'], cells: [['Anna']] })
  })

  test('hidden rows are read, blank ones are not, numbers are those of the sheet', async () => {
    const table = await readTable(
      sheet(
        `${rowsXml([['name', 'phone']])}<row r="2" hidden="1"><c r="A2" t="str"><v>Anna</v></c></row><row r="3"><c r="A3" t="str"><v> </v></c></row>${rowsXml([['Paul', 7]], 9)}`,
      ),
    )
    expect(table.rows).toEqual([
      { number: 2, cells: ['Anna', null] },
      { number: 9, cells: ['Paul', '7'] },
    ])
    expect(table.warnings).toEqual([])
  })

  test('a title merged over the table, and a header of two rows', async () => {
    const table = await readTable(
      sheet(
        rowsXml([
          ['会员名单 2024', null, null, null],
          ['姓名', '联系方式', null, '消费'],
          [null, '电话', '邮箱', null],
          ['张三', 13800138000, 'a@example.com', 12.5],
          ['李四', 13900139000, 'b@example.com', 99],
        ]),
        ['A1:D1', 'A2:A3', 'B2:C2', 'D2:D3'],
      ),
    )
    expect(table.columns).toEqual(['姓名', '联系方式 / 电话', '联系方式 / 邮箱', '消费'])
    expect(table.rows[0]).toEqual({ number: 4, cells: ['张三', '13800138000', 'a@example.com', '12.5'] })
    expect(table.warnings).toEqual([{ code: 'file.title_rows', row: 1, count: 1 }])
  })

  test('headings merged over groups', async () => {
    const table = await readTable(
      sheet(
        rowsXml([
          ['基本信息', null, '消费', null],
          ['姓名', '城市', '次数', '金额'],
          ['张三', '上海', 3, 12.5],
        ]),
        ['A1:B1', 'C1:D1'],
      ),
    )
    expect(table.columns).toEqual(['基本信息 / 姓名', '基本信息 / 城市', '消费 / 次数', '消费 / 金额'])
    expect(table.rows).toHaveLength(1)
  })

  test('a name that is merely wide takes no row of data, and merged data is reported', async () => {
    const table = await readTable(
      sheet(
        rowsXml([
          ['姓名', '地址', null, '电话'],
          ['张三', '上海', '浦东', 13800138000],
          ['李四', '上海', '徐汇', 13900139000],
          [null, '上海', '静安', 13700137000],
        ]),
        ['B1:C1', 'A3:A4'],
      ),
    )
    expect(table.columns).toEqual(['姓名', '地址', '地址 (2)', '电话'])
    expect(table.rows).toHaveLength(3)
    expect(table.warnings).toEqual([{ code: 'file.merged_cells', row: 3, count: 1 }])
  })

  test('a column without a name is called by its position, however few rows use it', async () => {
    const rows = Array.from({ length: 60 }, (_, at) => (at === 40 ? ['Anna', 7, 'note'] : ['Anna', 7]))
    const table = await readTable(sheet(rowsXml([['name', 'phone'], ...rows])))
    expect(table.columns).toEqual(['name', 'phone', '#3'])
    expect(table.warnings).toEqual([])
  })

  test('progress reaches its end', async () => {
    const table = await readTable(sheet(rowsXml([['name'], ['Anna']])))
    expect(table.bytesRead()).toBe(table.bytesTotal)
  })
})
