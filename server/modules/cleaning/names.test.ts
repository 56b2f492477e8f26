import { describe, expect, test } from 'vitest'
import { comparableNames } from './name-comparison.ts'
import { cleanName, isNobody, looksLikeChineseName, pinyinOf } from './names.ts'

function read(name: string) {
  const { value } = cleanName({ name })
  return value === null ? null : [value.display, value.family, value.given, value.key]
}
const keyOf = (name: string) => cleanName({ name }).value?.key ?? null
const changeOf = (name: string) => {
  const outcome = cleanName({ name })
  return outcome.value === null ? outcome.problem : outcome.change
}

describe('Chinese names', () => {
  test.each([
    ['王小明', '王小明', '王', '小明', 'wang xiaoming'],
    ['王伟', '王伟', '王', '伟', 'wang wei'],
    ['王偉', '王偉', '王', '偉', 'wang wei'],
    ['王 伟', '王伟', '王', '伟', 'wang wei'],
    ['王　小明', '王小明', '王', '小明', 'wang xiaoming'],
    ['欧阳修', '欧阳修', '欧阳', '修', 'ouyang xiu'],
    ['歐陽修文', '歐陽修文', '歐陽', '修文', 'ouyang xiuwen'],
    ['司马光', '司马光', '司马', '光', 'guang sima'],
    ['诸葛亮', '诸葛亮', '诸葛', '亮', 'liang zhuge'],
    ['單田芳', '單田芳', '單', '田芳', 'shan tianfang'],
    ['曾国藩', '曾国藩', '曾', '国藩', 'guofan zeng'],
    ['车晓', '车晓', '车', '晓', 'che xiao'],
    ['車曉', '車曉', '車', '曉', 'che xiao'],
    ['杜鵑', '杜鵑', '杜', '鵑', 'du juan'],
    ['张乾', '张乾', '张', '乾', 'qian zhang'],
    ['吕布', '吕布', '吕', '布', 'bu lv'],
    ['阿强', '阿强', null, '阿强', 'aqiang'],
    ['买买提·艾力', '买买提·艾力', null, null, 'aili maimaiti'],
    ['买买提•艾力', '买买提·艾力', null, null, 'aili maimaiti'],
  ])('%s', (name, ...expected) => expect(read(name)).toEqual(expected))

  test.each(['李先生', '李女士', '李小姐', '李太太', '李老师', '李总', '李姐', '李哥', '老李', '小李', '李经理'])(
    '%s says the family name 李 only, and that something was removed',
    (name) => {
      expect(read(name)).toEqual(['李', '李', null, 'li'])
      expect(changeOf(name)).toBe('name.honorific_removed')
    },
  )

  test('a form of address behind a whole name comes off, one inside a name stays', () => {
    expect(read('王小明先生')?.[0]).toBe('王小明')
    expect(read('王小明总')?.[0]).toBe('王小明')
    expect(read('欧阳总')?.[0]).toBe('欧阳')
    expect(read('王大哥')?.[0]).toBe('王')
    expect(read('李导')?.[0]).toBe('李')
    expect(read('王师傅')?.[0]).toBe('王')
    expect(read('小王老师')?.[0]).toBe('王')
    // Some are called so.
    expect(read('段妹')).toEqual(['段妹', '段', '妹', 'duan mei'])
    // A mother is another person than her child.
    expect(keyOf('王小明妈妈')).not.toBe(keyOf('王小明'))
  })

  test.each([
    ['李芳（VIP）', '李芳', 'name.note_removed'],
    ['李(老客)', '李', 'name.note_removed'],
    ['王小明等3人', '王小明', 'name.note_removed'],
    ['小明🌸', '小明', 'name.symbols_removed'],
    ['王伟13800138000', '王伟', 'name.symbols_removed'],
    ['张三、李四', '张三', 'name.several'],
    ['张三 李四', '张三', 'name.several'],
    ['王*明', '王', 'name.mask_removed'],
    ['王某某', '王', 'name.mask_removed'],
    ['王伟 WANG WEI', '王伟', 'name.note_removed'],
  ])('%s → %s', (name, display, change) => {
    expect(read(name)?.[0]).toBe(display)
    expect(changeOf(name)).toBe(change)
  })

  test('beside a foreign given name', () => expect(read('李Lily')).toEqual(['李Lily', '李', 'Lily', 'li lily']))
})

describe('names in Latin letters', () => {
  test.each([
    ['WANG WEI', 'Wang Wei', 'Wang', 'Wei', 'wang wei'],
    ['Wei, Wang', 'Wei Wang', 'Wei', 'Wang', 'wang wei'],
    ['WANG/XIAOMING MR', 'Wang Xiaoming', 'Wang', 'Xiaoming', 'wang xiaoming'],
    ['Xiao Ming Wang', 'Xiao Ming Wang', 'Wang', 'Xiao Ming', 'wang xiaoming'],
    ['Wang, Xiao-Ming', 'Wang Xiao-Ming', 'Wang', 'Xiao-Ming', 'wang xiaoming'],
    ['LYU BU', 'Lyu Bu', 'Lyu', 'Bu', 'bu lv'],
    ['NA LI', 'Na Li', 'Li', 'Na', 'li na'],
    ['Mr. John Smith', 'John Smith', 'Smith', 'John', 'john smith'],
    ['john smith jr.', 'John Smith', 'Smith', 'John', 'john smith'],
    ['DUPONT Jean', 'DUPONT Jean', 'DUPONT', 'Jean', 'dupont jean'],
    ['José García', 'José García', 'García', 'José', 'garcia jose'],
    ["O'BRIEN, PATRICK", "Patrick O'Brien", "O'Brien", 'Patrick', 'obrien patrick'],
    ['Anna van der Berg', 'Anna van der Berg', 'van der Berg', 'Anna', 'anna berg der van'],
    ['Lily', 'Lily', null, 'Lily', 'lily'],
    ['Mr Brown', 'Brown', 'Brown', null, 'brown'],
  ])('%s', (name, ...expected) => expect(read(name)).toEqual(expected))
})

describe('names in Cyrillic letters', () => {
  test.each([
    ['Иванов Иван Иванович', 'Иванов Иван Иванович', 'Иванов', 'Иван Иванович', 'ivan ivanov'],
    ['Иван Иванович Иванов', 'Иван Иванович Иванов', 'Иванов', 'Иван Иванович', 'ivan ivanov'],
    ['ИВАНОВ ИВАН', 'Иванов Иван', 'Иванов', 'Иван', 'ivan ivanov'],
    ['Юлия Сергеева', 'Юлия Сергеева', 'Сергеева', 'Юлия', 'iuliia sergeeva'],
    ['Иванов И.И.', 'Иванов И. И.', 'Иванов', 'И. И.', 'i ivanov'],
    ['г-н Иванов', 'Иванов', 'Иванов', null, 'ivanov'],
    ['Щукина Фёкла', 'Щукина Фёкла', 'Щукина', 'Фёкла', 'fekla shchukina'],
  ])('%s', (name, ...expected) => expect(read(name)).toEqual(expected))
})

describe('two fields', () => {
  test.each([
    ['王', '小明', '王小明', 'wang xiaoming'],
    ['王', '王小明', '王小明', 'wang xiaoming'],
    ['王', '先生', '王', 'wang'],
    ['Wang', 'Xiao Ming', 'Wang Xiao Ming', 'wang xiaoming'],
    ['berry', 'lachlan', 'Lachlan Berry', 'berry lachlan'],
    ['Иванов', 'Иван Иванович', 'Иванов Иван Иванович', 'ivan ivanov'],
    ['waller', '', 'Waller', 'waller'],
    ['', '玉兰', '玉兰', 'yulan'],
    ['Guest', 'John', 'John Guest', 'guest john'],
    ['李', 'Mary Ann', '李 Mary Ann', 'ann li mary'],
  ])('%s + %s → %s', (familyName, givenName, display, key) => {
    expect(cleanName({ familyName, givenName }).value).toMatchObject({ display, key })
  })

  test('what was cleaned comes out the same when it is cleaned again', () => {
    const names = '王小明 李女士 欧阳修 买买提·艾力 李Lily Lily 阿强 山田太郎'.split(' ')
    for (const name of [
      ...names,
      'Иван Иванов',
      'john smith',
      'WANG WEI',
      'Wei, Wang',
      'г-н Иванов',
      'J. R. Smith',
      'Wei Li',
    ]) {
      const first = cleanName({ name }).value!
      const again = cleanName({ name: first.display, familyName: first.family, givenName: first.given }).value
      expect(again, name).toEqual(first)
    }
  })
})

test.each([
  '散客',
  '散客1',
  '测试',
  'test',
  'Test 2',
  '未知',
  '匿名',
  '无',
  'N/A',
  '微信用户',
  '先生',
  'гость',
  '🌸',
  'xxx',
  '客户12',
  null,
])('%j is nobody', (name) => {
  expect(isNobody(name)).toBe(true)
  expect(cleanName({ name }).value).toBeNull()
})

test('what is no name is refused', () => {
  expect(changeOf('散客')).toBe('name.nobody')
  expect(changeOf('13800138000')).toBe('name.not_a_name')
  expect(changeOf('li@163.com')).toBe('name.not_a_name')
  expect(changeOf('J*** Smith')).toBe('name.masked')
  expect(changeOf('*小明')).toBe('name.masked')
  expect(cleanName({})).toEqual({ value: null, problem: null })
})

describe('comparison', () => {
  test.each([
    ['王小明', '王小明', 'same'],
    ['王偉', '王伟', 'same'],
    ['王小明', 'WANG XIAOMING', 'same'],
    ['王小明', 'Xiao Ming Wang', 'same'],
    ['王小明', 'wangxiaoming', 'same'],
    ['Иванов Иван Иванович', 'IVANOV IVAN', 'same'],
    ['王小明', '王先生', 'compatible'],
    ['欧阳修', '欧阳女士', 'compatible'],
    ['Иванов И.И.', 'Иван Иванов', 'compatible'],
    ['J. R. Smith', 'John Smith', 'compatible'],
    ['Юлия Сергеева', 'Yulia Sergeeva', 'compatible'],
    ['Александр Петров', 'Alexandr Petrov', 'compatible'],
    ['Сергей Иванов', 'Sergey Ivanov', 'compatible'],
    ['李Lily', '李女士', 'compatible'],
    ['散客', '王伟', 'compatible'],
    ['王小明', '王明', 'contradict'],
    ['王小明', '李小明', 'contradict'],
    ['王军', '王云', 'contradict'],
    ['王莲', '王丽艳', 'contradict'],
    ['王先生', '李女士', 'contradict'],
    ['王小明', '王小明妈妈', 'contradict'],
    ['John Smith', 'Jane Smith', 'contradict'],
  ] as const)('%s and %s: %s', (a, b, expected) => {
    expect(comparableNames(keyOf(a), keyOf(b))).toBe(expected)
    expect(comparableNames(keyOf(b), keyOf(a))).toBe(expected)
  })
})

test('search finds a name by its pinyin and initials from their beginning', () => {
  expect(pinyinOf('王小明')).toEqual({ pinyin: 'wangxiaoming', initials: 'wxm' })
  expect(pinyinOf('單田芳')).toEqual({ pinyin: 'shantianfang', initials: 'stf' })
  expect(pinyinOf('Иван Иванов')).toEqual({ pinyin: 'ivanovivan', initials: 'ii' })
  expect(pinyinOf('Lachlan Berry')).toEqual({ pinyin: 'berrylachlan', initials: 'bl' })
  expect(pinyinOf('散客')).toEqual({ pinyin: null, initials: null })
})

test('a column of Chinese names is told from other Chinese words', () => {
  expect(['王伟', '欧阳修', '陳小春'].every(looksLikeChineseName)).toBe(true)
  expect(['上海', '已付款', '豪华大床房', '散客', 'Wang'].some(looksLikeChineseName)).toBe(false)
})
