import { describe, expect, test } from 'vitest'
import { readTable } from './testing.ts'

const header = async (text: string, forced?: boolean) => {
  const table = await readTable(text, forced === undefined ? {} : { header: forced })
  return table.headerless ? 'none' : table.columns
}

describe('is there a header', () => {
  test('names over values are one', async () => {
    expect(await header('姓名,电话,生日\n张三,13800138000,1990-01-02\n')).toEqual(['姓名', '电话', '生日'])
    expect(await header('Имя,Сумма\nАнна,"1 200,50 ₽"\nПётр,"99,00 ₽"\n')).toEqual(['Имя', 'Сумма'])
  })

  test('names over names are one too', async () => {
    expect(await header('name,city\nAnna,Berlin\nPaul,Hamburg\n')).toEqual(['name', 'city'])
  })

  test('values in the first row mean there is none', async () => {
    expect(await header('13800138000,张三,120.50\n13900139000,李四,99.00\n')).toBe('none')
    expect(await header('M100001,女,anna@example.com\nM100002,女,paul@example.com\n')).toBe('none')
  })

  test('years as names over numbers are still names', async () => {
    expect(await header('门店,2023,2024\n上海,120,130\n北京,90,95\n广州,70,80\n')).toBe('none')
    expect(await header('门店,电话,2023,2024\n上海,02112345678,120,130\n北京,01012345678,90,95\n')).toEqual([
      '门店',
      '电话',
      '2023',
      '2024',
    ])
  })

  test('what the user says counts', async () => {
    expect(await header('name,city\nAnna,Berlin\n', false)).toBe('none')
    expect(await header('1,2\n3,4\n', true)).toEqual(['1', '2'])
  })

  test('without a header every row is data, and columns are called by position', async () => {
    const table = await readTable('1,2.50\n2,3.50\n')
    expect(table.columns).toEqual(['1', '2'])
    expect(table.rows[0]).toEqual({ number: 1, cells: ['1', '2.50'] })
  })
})

describe('names of columns', () => {
  test('equal names are made distinct, and a name that looks like the result stays itself', async () => {
    expect(await header('电话,电话,电话 (2),电话\n1,2,3,4\n')).toEqual(['电话', '电话 (3)', '电话 (2)', '电话 (4)'])
  })

  test('a column without a name but with values is called by its position', async () => {
    expect(await header('name,,phone,\nAnna,x,1,7\nPaul,,2,8\n')).toEqual(['name', '#2', 'phone', '#4'])
  })

  test('a delimiter at the end of each row makes no column', async () => {
    const table = await readTable('name,phone,\nAnna,1,\nPaul,2,\n')
    expect(table.columns).toEqual(['name', 'phone'])
    expect(table.warnings).toEqual([])
  })

  test('line breaks and blanks inside a name become one blank', async () => {
    expect(await header('"联系\n电话", full   name \n1,Anna\n')).toEqual(['联系 电话', 'full name'])
  })

  test('titles above the header are left out and counted', async () => {
    const table = await readTable('会员导出,,,\n,,,\n导出人,张三,,\n姓名,电话,城市,金额\n李四,13800138000,上海,12.5\n')
    expect(table.columns).toEqual(['姓名', '电话', '城市', '金额'])
    expect(table.rows).toEqual([{ number: 5, cells: ['李四', '13800138000', '上海', '12.5'] }])
    expect(table.warnings).toEqual([{ code: 'file.title_rows', row: 1, count: 2 }])
  })
})
