import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openTable } from './index.ts'
import { readTable, withFile } from './testing.ts'

const people = '姓名,电话,城市\r\n张三,13800138000,上海\r\n李四,13900139000,北京\r\n'
const expected = [
  ['张三', '13800138000', '上海'],
  ['李四', '13900139000', '北京'],
]

/** GBK of what the tests write; Node reads it but doesn't write it. */
const gbk = (text: string) =>
  Buffer.concat([...text].map((character) => gbkBytes.get(character) ?? Buffer.from(character, 'latin1')))
const gbkBytes = (() => {
  const decoder = new TextDecoder('gb18030')
  const bytes = new Map<string, Buffer>()
  for (let lead = 0xa1; lead <= 0xf7; lead++) {
    for (let trail = 0xa1; trail <= 0xfe; trail++) {
      const pair = Buffer.from([lead, trail])
      bytes.set(decoder.decode(pair), pair)
    }
  }
  return bytes
})()
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

describe('encodings', () => {
  test.each([
    ['UTF-8', Buffer.from(people), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${people}`), 'utf-8'],
    ['UTF-16 LE with a mark', Buffer.from(`\uFEFF${people}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 LE', Buffer.from(people, 'utf16le'), 'utf-16le'],
    ['UTF-16 BE with a mark', utf16be(`\uFEFF${people}`), 'utf-16be'],
    ['UTF-16 BE', utf16be(people), 'utf-16be'],
    ['GBK', gbk(people), 'gb18030'],
  ])('%s', async (_, bytes, encoding) => {
    const table = await readTable(bytes)
    expect(table.columns).toEqual(['姓名', '电话', '城市'])
    expect(table.cells).toEqual(expected)
    expect(table.encoding).toBe(encoding)
    expect(table.warnings).toEqual([])
  })

  test('a Russian file of Excel is windows-1251', async () => {
    const text = 'Имя,Телефон,Город\nИванов Пётр,+79161234567,Москва\nСидорова Анна,+79161234568,Санкт-Петербург\n'
    const bytes = Buffer.from(
      [...text].map((letter) => {
        const code = letter.codePointAt(0)!
        if (code < 0x80) return code
        return letter === 'ё' ? 0xb8 : code - 0x410 + 0xc0
      }),
    )
    const table = await readTable(bytes)
    expect(table.encoding).toBe('windows-1251')
    expect(table.cells[0]).toEqual(['Иванов Пётр', '+79161234567', 'Москва'])
  })

  test('a GBK line within UTF-8 is read and reported with its row', async () => {
    const file = Buffer.concat([
      Buffer.from('姓名,电话\n"王\n五",13700137000\n'),
      gbk('张三,13800138000\n'),
      Buffer.from('李四,13900139000\n'),
    ])
    const table = await readTable(file)
    expect(table.encoding).toBe('utf-8')
    expect(table.cells).toEqual([
      ['王\n五', '13700137000'],
      ['张三', '13800138000'],
      ['李四', '13900139000'],
    ])
    expect(table.warnings).toEqual([{ code: 'file.mixed_encoding', row: 3, count: 1 }])
  })

  test('a UTF-8 line within GBK is read and reported with its row', async () => {
    const file = Buffer.concat([gbk('姓名,电话\n张三,13800138000\n赵六,1\n'), Buffer.from('李四,2\n'), gbk('王五,3\n')])
    const table = await readTable(file)
    expect(table.encoding).toBe('gb18030')
    expect(table.cells.map(([name]) => name)).toEqual(['张三', '赵六', '李四', '王五'])
    expect(table.warnings).toEqual([{ code: 'file.mixed_encoding', row: 4, count: 1 }])
  })

  test('what no encoding explains is marked, and the cells beside it are whole', async () => {
    const file = Buffer.concat([
      Buffer.from('姓名,电话\n张三,1\n'),
      Buffer.from('caf\xe9,2\n', 'latin1'),
      Buffer.from('李\u0000四,3\n'),
    ])
    const table = await readTable(Buffer.concat([file, Buffer.from('王五,4\n'.repeat(500))]))
    expect(table.cells.slice(0, 3)).toEqual([
      ['张三', '1'],
      ['caf\uFFFD', '2'],
      ['李 四', '3'],
    ])
    expect(table.warnings).toEqual([{ code: 'file.undecodable', row: 3, count: 2 }])
  })

  test('a character cut by the end of a chunk stays whole', async () => {
    const rows = Array.from({ length: 40_000 }, (_, at) => `会员${at},上海市浦东新区${'路'.repeat(at % 7)},${at}`)
    for (const bytes of [Buffer.from(rows.join('\n')), gbk(rows.join('\n')), Buffer.from(rows.join('\n'), 'utf16le')]) {
      const table = await readTable(bytes, { header: false })
      expect(table.cells.map((cells) => cells.join(','))).toEqual(rows)
      expect(table.warnings).toEqual([])
    }
  })
})

describe('delimiters and quotes', () => {
  test.each([',', ';', '\t', '|'])('cells separated by %j', async (sign) => {
    const table = await readTable(people.replaceAll(',', sign))
    expect(table.delimiter).toBe(sign)
    expect(table.cells).toEqual(expected)
  })

  test('decimal commas do not outvote semicolons', async () => {
    const table = await readTable('name;amount;price\na;1,50;2,10\nb;3,25;4,00\n')
    expect(table.delimiter).toBe(';')
    expect(table.cells[0]).toEqual(['a', '1,50', '2,10'])
  })

  test("Excel's first line sep=; is obeyed and isn't counted", async () => {
    const table = await readTable('sep=;\r\nname;remark\r\nAnna;a,b,c\r\n')
    expect(table.columns).toEqual(['name', 'remark'])
    expect(table.rows).toEqual([{ number: 2, cells: ['Anna', 'a,b,c'] }])
  })

  test('columns of fixed width without a header', async () => {
    const table = await readTable(
      ' 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118 12  129.73\r\n 00021 0002 19970101  3    6.34\r\n',
    )
    expect(table).toMatchObject({ delimiter: ' ', headerless: true, columns: ['1', '2', '3', '4', '5'] })
    expect(table.rows[1]).toEqual({ number: 2, cells: ['00004', '0001', '19970118', '12', '129.73'] })
  })

  test('one column of phones with blanks stays one column', async () => {
    const table = await readTable('电话\n138 0013 8000\n139 0013 9000\n')
    expect(table).toMatchObject({ delimiter: null, columns: ['电话'] })
    expect(table.cells).toEqual([['138 0013 8000'], ['139 0013 9000']])
  })

  test('quotes, doubled quotes, delimiters and line ends in quotes, stray quotes', async () => {
    const table = await readTable('a,b\n"x, ""y""","1\r\n2"\n5" disk,"say" so\n')
    expect(table.rows).toEqual([
      { number: 2, cells: ['x, "y"', '1\r\n2'] },
      { number: 3, cells: ['5" disk', '"say" so'] },
    ])
  })

  test('a blank after each delimiter is no part of quoted cells', async () => {
    const table = await readTable('name, remark, city\nAnna, "a, b", Berlin\n')
    expect(table.cells).toEqual([['Anna', 'a, b', 'Berlin']])
  })

  test('cells are not trimmed, headers are; an empty cell is null', async () => {
    const table = await readTable('id, name, city\n1, Anna ,""\n2,,Berlin\n')
    expect(table.columns).toEqual(['id', 'name', 'city'])
    expect(table.cells).toEqual([
      ['1', ' Anna ', null],
      ['2', null, 'Berlin'],
    ])
  })

  test.each(['\n', '\r\n', '\r'])('line ends %j', async (end) => {
    const table = await readTable(['a,b', '1,2', '', '3,4'].join(end))
    expect(table.rows).toEqual([
      { number: 2, cells: ['1', '2'] },
      { number: 4, cells: ['3', '4'] },
    ])
  })

  test('rows inside a quoted cell betray a quotation mark too many', async () => {
    const table = await readTable('a,b,c\n"x,1,2\ny,3,4\nz,5,6\n"w",7,8\nv,9,9\n')
    expect(table.warnings).toContainEqual({ code: 'file.cell_holds_rows', row: 2, count: 1 })
  })
})

describe('rows and columns', () => {
  test('rows too short and too long are given and counted', async () => {
    const table = await readTable('a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n1,2,3,4,5\n')
    expect(table.cells).toEqual([
      ['1', '2', '3'],
      ['1', '2', null],
      ['1', '2', '3', '4'],
      ['1', '2', '3'],
      ['1', '2', '3', '4', '5'],
    ])
    expect(table.warnings).toEqual([
      { code: 'file.row_short', row: 3, count: 1 },
      { code: 'file.row_long', row: 4, count: 2 },
    ])
  })

  test('one row of 10,000 cells in a table of five columns keeps its cells and the table its columns', async () => {
    const rows = Array.from({ length: 200 }, (_, at) => `${at},2,3,4,5`)
    rows[50] = Array.from({ length: 10_000 }, (_, at) => at).join(',')
    const table = await readTable(`a,b,c,d,e\n${rows.join('\n')}\n`)
    expect(table.columns).toHaveLength(5)
    expect(table.rows).toHaveLength(200)
    expect(table.rows[50]).toMatchObject({ number: 52 })
    expect(table.rows[50]!.cells).toHaveLength(10_000)
  })

  test('batches are about 500 rows and the table can be read once', async () => {
    const text = `a,b\n${Array.from({ length: 1_700 }, (_, at) => `${at},x`).join('\n')}`
    await withFile(text, async (path) => {
      const table = await openTable(path)
      const batches: number[] = []
      for await (const batch of table.rows()) batches.push(batch.length)
      expect(batches).toEqual([500, 500, 500, 200])
      expect(table.bytesRead()).toBe(table.bytesTotal)
      expect(() => table.rows()).toThrow()
    })
  })

  test('a compressed file is read as it is', async () => {
    const table = await readTable(gzipSync(people))
    expect(table.cells).toEqual(expected)
  })

  test('reading may be broken off', async () => {
    await withFile(`a,b\n${'1,2\n'.repeat(2_000_000)}`, async (path) => {
      const table = await openTable(path)
      for await (const batch of table.rows()) {
        expect(batch).toHaveLength(500)
        break
      }
      expect(table.bytesRead()).toBeLessThan(table.bytesTotal)
      await (await openTable(path)).close()
    })
  })
})
