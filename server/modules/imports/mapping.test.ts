import { describe, expect, test } from 'vitest'
import { checkMapping, guessMapping } from './mapping.ts'

/** A table as a person sees it: header, then rows. */
function guess(kind: 'members' | 'orders', header: string[] | null, ...rows: string[][]) {
  const columns = header ?? rows[0]!.map((_, at) => String(at + 1))
  const samples = columns.map((_, at) => rows.map((row) => row[at] ?? ''))
  return guessMapping({ columns, samples, kind, headerless: header === null })
}

const fields = (guesses: ReturnType<typeof guess>) =>
  Object.fromEntries(guesses.map(({ column, field }) => [column, field]))
const many = <T>(count: number, row: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => row(at))

describe('members by their headers', () => {
  test('in Chinese', () => {
    const guesses = guess(
      'members',
      [
        '序号',
        '会员编号',
        '客户姓名',
        '手机号码（必填）',
        '性别',
        '出生日期',
        '证件类型',
        '证件号码',
        '联系地址',
        '城市',
        '标签',
        '备注',
        '注册时间',
      ],
      [
        '1',
        'M001',
        '王小明',
        '138 0013 8000',
        '男',
        '1987-06-04',
        '身份证',
        '11010519491231002X',
        '徐汇区1号',
        '上海',
        'VIP',
        '',
        '2020-01-01',
      ],
    )
    expect(guesses.map(({ field }) => field)).toEqual([
      null,
      'externalId',
      'name',
      'phone',
      'gender',
      'birthDate',
      'documentType',
      'documentNumber',
      'addressLine',
      'city',
      'tags',
      'note',
      null,
    ])
    expect(guesses.every(({ certainty }) => certainty === 'certain')).toBe(true)
    expect(guesses[0]?.reason).toBe('known_other')
    expect(guesses[3]?.reason).toBe('header_and_values')
  })

  test('in traditional characters', () => {
    expect(
      fields(guess('members', ['會員編號', '姓名', '電話', '電子郵件'], ['1', '王偉', '13800138000', 'a@b.com'])),
    ).toEqual({
      會員編號: 'externalId',
      姓名: 'name',
      電話: 'phone',
      電子郵件: 'email',
    })
  })

  test('in English', () => {
    expect(
      fields(
        guess(
          'members',
          [
            'Member ID',
            'First Name',
            'Last Name',
            'Customer Mobile Phone',
            'E-mail Address',
            'dateOfBirth',
            'Passport No.',
            'Post Code',
            'Nationality',
          ],
          ['7', 'Ann', 'Lee', '+1 415 555 2671', 'a@b.com', '1987-06-04', 'E12345678', '2000', 'CN'],
        ),
      ),
    ).toEqual({
      'Member ID': 'externalId',
      'First Name': 'givenName',
      'Last Name': 'familyName',
      'Customer Mobile Phone': 'phone',
      'E-mail Address': 'email',
      dateOfBirth: 'birthDate',
      'Passport No.': 'documentNumber',
      'Post Code': 'postcode',
      Nationality: 'country',
    })
  })

  test('in Russian, where «Имя» alone is the whole name', () => {
    expect(
      fields(
        guess(
          'members',
          ['Фамилия', 'Имя', 'Отчество', 'Телефон', 'Дата рождения', 'Пол', 'Эл. почта', 'Номер карты'],
          ['Иванов', 'Иван', 'Иванович', '+7 916 123-45-67', '04.06.1987', 'м', 'a@b.ru', '77'],
        ),
      ),
    ).toEqual({
      Фамилия: 'familyName',
      Имя: 'givenName',
      Отчество: null,
      Телефон: 'phone',
      'Дата рождения': 'birthDate',
      Пол: 'gender',
      'Эл. почта': 'email',
      'Номер карты': 'externalId',
    })
    expect(fields(guess('members', ['Имя', 'Телефон'], ['Иван Иванов', '+7 916 123-45-67']))).toEqual({
      Имя: 'name',
      Телефон: 'phone',
    })
  })

  test('as a list of people for research has them', () => {
    const guesses = guess(
      'members',
      [
        'rec_id',
        'given_name',
        'surname',
        'street_number',
        'address_1',
        'address_2',
        'suburb',
        'postcode',
        'state',
        'date_of_birth',
        'soc_sec_id',
      ],
      ['rec-1-org', 'ann', 'lee', '6', 'main street', 'the farm', 'st james', '4011', 'wa', '19081209', '6988048'],
    )
    expect(guesses.map(({ field }) => field)).toEqual([
      'externalId',
      'givenName',
      'familyName',
      'streetNumber',
      'addressLine',
      'addressLine2',
      'suburb',
      'postcode',
      'region',
      'birthDate',
      'documentNumber',
    ])
    // It joins people, and "soc_sec_id" is no word for a travel document: a person looks at it.
    expect(guesses.at(-1)?.certainty).toBe('likely')
  })

  test('a field’s own name, an account behind openid, a custom field', () => {
    expect(
      fields(
        guess(
          'members',
          ['externalId', 'openid@gh_1', 'openid_gh_2', 'openid', 'custom.size'],
          ['1', 'o1', 'o2', 'o3', 'L'],
        ),
      ),
    ).toEqual({
      externalId: 'externalId',
      'openid@gh_1': 'openid@gh_1',
      openid_gh_2: 'openid@gh_2',
      openid: null,
      'custom.size': 'custom.size',
    })
  })

  test('somebody else’s phone is nobody’s', () => {
    const guesses = guess(
      'members',
      ['姓名', '推荐人手机', '紧急联系人电话', 'Referrer Phone'],
      ['王伟', '13800138000', '13900139000', '13700137000'],
    )
    expect(guesses.map(({ field }) => field)).toEqual(['name', null, null, null])
  })
})

describe('orders by their headers', () => {
  test('in three languages', () => {
    expect(
      fields(
        guess(
          'orders',
          [
            '订单编号',
            '会员手机',
            '下单时间',
            '商品名称',
            '数量',
            '实付金额(元)',
            '支付方式',
            '订单状态',
            '应付金额',
            '客户姓名',
          ],
          ['D1', '13800138000', '2026-07-01 10:00:00', '云南六日', '2', '2,800', '微信', '已付款', '3000', '王伟'],
        ),
      ),
    ).toEqual({
      订单编号: 'orderNumber',
      会员手机: 'phone',
      下单时间: 'orderedAt',
      商品名称: 'product',
      数量: 'quantity',
      '实付金额(元)': 'amount',
      支付方式: 'paymentMethod',
      订单状态: 'status',
      应付金额: null,
      客户姓名: null,
    })
    expect(
      fields(
        guess(
          'orders',
          ['Order ID', 'Customer ID', 'Order Date', 'Item', 'Qty', 'amount_usd'],
          ['1', '77', '2026-07-01', 'x', '1', '9.99'],
        ),
      ),
    ).toEqual({
      'Order ID': 'orderNumber',
      'Customer ID': 'customerExternalId',
      'Order Date': 'orderedAt',
      Item: 'product',
      Qty: 'quantity',
      amount_usd: 'amount',
    })
    expect(
      fields(
        guess(
          'orders',
          ['Номер заказа', 'Дата', 'Сумма, руб.', 'Телефон клиента', 'Статус', 'Способ оплаты', 'Кол-во'],
          ['1', '01.07.2026', '1 234,50', '+79161234567', 'Оплачен', 'Наличные', '2'],
        ),
      ),
    ).toEqual({
      'Номер заказа': 'orderNumber',
      Дата: 'orderedAt',
      'Сумма, руб.': 'amount',
      'Телефон клиента': 'phone',
      Статус: 'status',
      'Способ оплаты': 'paymentMethod',
      'Кол-во': 'quantity',
    })
  })

  test('a column that only resembles a field must also hold its values', () => {
    const rows = many(20, (at) => ['2015', 'July', `${at + 1}`, 'Check-Out', `2015-07-0${1 + (at % 9)}`, '75.5', 'C'])
    const guesses = guess(
      'orders',
      [
        'arrival_date_year',
        'arrival_date_month',
        'lead_time',
        'reservation_status',
        'reservation_status_date',
        'adr',
        'assigned_room_type',
      ],
      ...rows,
    )
    expect(guesses.map(({ field }) => field)).toEqual([null, null, null, 'status', 'orderedAt', 'amount', 'product'])
    expect(guesses[4]?.certainty).not.toBe('certain')
  })
})

describe('by values, where headers say nothing', () => {
  test('purchases without header: customer, day, pieces, dollars', () => {
    const rows = many(60, (at) => [
      String(Math.floor(at / 3) * 17 + 4).padStart(5, '0'),
      String(Math.floor(at / 3) + 1).padStart(4, '0'),
      `1997${String(1 + (at % 12)).padStart(2, '0')}${String(1 + (at % 28)).padStart(2, '0')}`,
      String(1 + (at % 5)),
      (10 + at * 1.37).toFixed(2),
    ])
    const guesses = guess('orders', null, ...rows)
    expect(guesses.map(({ column, field }) => [column, field])).toEqual([
      ['1', 'customerExternalId'],
      ['2', null],
      ['3', 'orderedAt'],
      ['4', 'quantity'],
      ['5', 'amount'],
    ])
    expect(guesses.some(({ certainty }) => certainty === 'certain')).toBe(false)
  })

  test('people without header', () => {
    const surnames = [...'王李张刘陈杨黄赵吴周']
    const rows = many(30, (at) => [
      `C${1000 + at}`,
      `${surnames[at % 10]}小${'明红军'[at % 3]}${at > 14 ? '一' : ''}`,
      `138001380${10 + at}`,
      at % 2 ? '男' : '女',
      `${1950 + at}-03-12`,
      `u${at}@qq.com`,
      '普通',
    ])
    expect(guess('members', null, ...rows).map(({ field }) => field)).toEqual([
      'externalId',
      'name',
      'phone',
      'gender',
      'birthDate',
      'email',
      null,
    ])
  })

  test('days of a shop’s life are no birth dates, and eight digits of a day no phone', () => {
    const rows = many(20, (at) => [`2024-0${1 + (at % 9)}-11`, `1981050${1 + (at % 9)}`])
    expect(guess('members', ['a', 'b'], ...rows).map(({ field }) => field)).toEqual([null, null])
  })

  test('headers that were exchanged give way to the values, and a person is asked', () => {
    const rows = many(10, (at) => [`u${at}@qq.com`, `138001380${10 + at}`])
    expect(guess('members', ['手机', '邮箱'], ...rows)).toMatchObject([
      { field: 'email', certainty: 'likely', reason: 'values' },
      { field: 'phone', certainty: 'likely', reason: 'values' },
    ])
  })

  test('a header stays, marked, when its values disagree and say nothing else', () => {
    expect(guess('members', ['姓名', '手机'], ...many(5, () => ['王伟', 'see notes']))).toMatchObject([
      { field: 'name' },
      { field: 'phone', certainty: 'confirm', reason: 'values_disagree' },
    ])
  })
})

test('no field is ever given to two columns', () => {
  const guesses = guess(
    'members',
    ['电话', '手机', '联系方式', '手机号2', '姓名', '联系人'],
    ...many(5, (at) => many(4, () => `138001380${10 + at}`).concat('王伟', '王伟')),
  )
  const given = guesses.map(({ field }) => field).filter((field) => field !== null)
  expect(new Set(given).size).toBe(given.length)
  expect(guesses[1]?.field).toBe('phone')
  expect(guesses[0]).toMatchObject({ field: null, reason: 'field_taken', certainty: 'confirm' })
})

test('empty files and odd widths are guessed without failing', () => {
  expect(guessMapping({ columns: [], samples: [], kind: 'members', headerless: true })).toEqual([])
  expect(guessMapping({ columns: ['', '姓名'], samples: [['x']], kind: 'members', headerless: false })).toMatchObject([
    { position: 1, field: null },
    { position: 2, field: 'name' },
  ])
})

describe('a mapping that a user gave', () => {
  const columns = ['rec_id', 'Surname ', 'phone', '7']

  test('names columns by header or position', () => {
    expect(checkMapping({ rec_id: 'externalId', '2': 'familyName', phone: null }, columns, 'members')).toEqual([
      'externalId',
      'familyName',
      null,
      null,
    ])
    expect(checkMapping({ surname: 'name', '7': 'openid@gh_1' }, columns, 'members')[3]).toBe('openid@gh_1')
    expect(checkMapping({ '1': 'custom.尺码', '2': 'name' }, columns, 'members')[0]).toBe('custom.尺码')
  })

  test.each([
    [{ family: 'name' }, 'mapping.unknown_column', { column: 'family' }],
    [{ '5': 'name' }, 'mapping.unknown_column', { column: '5' }],
    [{ rec_id: 'nickname' }, 'mapping.unknown_field', { field: 'nickname', column: 'rec_id' }],
    [{ rec_id: 'openid' }, 'mapping.unknown_field', { field: 'openid' }],
    [{ rec_id: 'orderNumber' }, 'mapping.unknown_field', { field: 'orderNumber' }],
    [{ rec_id: 'name', phone: 'name' }, 'mapping.field_twice', { field: 'name', columns: ['rec_id', 'phone'] }],
    [{ rec_id: 'name', '1': 'note' }, 'mapping.column_twice', { column: 'rec_id' }],
    [{ rec_id: 'city', phone: null }, 'mapping.nothing_identifies', { kind: 'members' }],
    [{}, 'mapping.nothing_identifies', {}],
  ])('%j is refused: %s', (map, code, params) => {
    expect(() => checkMapping(map as unknown as Record<string, string | null>, columns, 'members')).toThrow(
      expect.objectContaining({ kind: 'invalid', code, params: expect.objectContaining(params) }),
    )
  })

  test('orders need a number, a customer, or when and how much', () => {
    expect(() => checkMapping({ phone: 'amount' }, columns, 'orders')).toThrow(
      expect.objectContaining({ code: 'mapping.nothing_identifies' }),
    )
    expect(checkMapping({ phone: 'amount', rec_id: 'orderedAt' }, columns, 'orders')[2]).toBe('amount')
    expect(checkMapping({ rec_id: 'orderNumber' }, columns, 'orders')[0]).toBe('orderNumber')
  })
})
