/**
 * Names in Chinese characters: forms of address come off, the family name is told from the given one, and the key is
 * family and given name in pinyin, each one word.
 */
import type { ChangeCode } from './codes.ts'
import { isFrequentSurname, isSurname, surnameAtHead } from './surnames.ts'
import { simplified } from './text.ts'
import { latinOf, syllablesOf } from './transliteration.ts'

export interface ReadName {
  readonly display: string
  readonly family: string | null
  readonly given: string | null
  /** Words of the key, unsorted. */
  readonly words: readonly string[]
  readonly pinyin: string
  readonly initials: string
  readonly change: ChangeCode | null
}

const longHonorific =
  /(?:老板娘|总经理|董事长|工程师|小朋友|先生|女士|小姐|太太|夫人|老师|医生|大夫|教授|博士|经理|主任|律师|师傅|同学|阿姨|叔叔|伯伯|大哥|大姐|大爷|大妈|老板|总监|校长|院长|书记|局长|处长|科长|部长|队长|会长|店长|团长|领队|导游|教练|警官|护士|秘书|会计|行长|站长|所长|厂长|助理|顾问)$/
const shortHonorific = /[总姐哥董工处局太叔婶嫂爷奶导医师队]$/
const party = /(?:等(?:\d+|[一二三四五六七八九十]+)?人?|一家(?:\d+口|[三四五六]口)?|夫妇|全家)$/
const foreignDot = /[·•・‧∙･]/

/** Reads a text of Chinese characters, perhaps with a foreigner's dot, from which all else was taken. */
export function readChinese(text: string, plain = simplified(text)): ReadName | null {
  if (foreignDot.test(text)) return readDotted(text)
  if (text.length <= 3 && !/某$/.test(plain) && !longHonorific.test(plain) && !isAddress(plain))
    return split(text, plain, null)

  const unmasked = plain.replace(/某+$/, '')
  if (unmasked !== plain) return isSurname(unmasked) ? split(unmasked, unmasked, 'name.mask_removed') : null

  const alone = plain.replace(party, '')
  const titled = alone.replace(longHonorific, '')
  if (/^某*$/.test(titled)) return null
  if (titled.length < alone.length) return readTitled(text.slice(0, titled.length), titled)
  if (isAddress(alone)) {
    if (/^[老小大]/.test(alone) && alone.length === 2) return readTitled(text.slice(1), alone.slice(1))
    return readTitled(text.slice(0, alone.length - 1), alone.slice(0, -1))
  }
  return split(text.slice(0, alone.length), alone, alone === plain ? null : 'name.note_removed')
}

/** What is left when a form of address was taken away; another one may stand there still: 小王老师. */
function readTitled(text: string, plain: string): ReadName | null {
  const read = readChinese(text, plain)
  return read === null ? null : { ...read, change: 'name.honorific_removed' }
}

/** Family and given name from two fields; unless they are surely `apart`, the second may hold the whole name. */
export function joinChinese(family: string, given: string, { apart }: { apart: boolean }): ReadName {
  if (!apart && given.length > family.length && given.startsWith(family))
    return split(given, simplified(given), null, family.length)
  // 王 and 先生 in two columns say no given name.
  if (longHonorific.test(simplified(given)) && simplified(given).replace(longHonorific, '') === '') {
    return split(family, simplified(family), 'name.honorific_removed', family.length)
  }
  return split(family + given, simplified(family + given), null, family.length)
}

/** 李姐, 欧阳总, 老王, 小李, 王小明总: one character of address beside a family name, or behind a whole name. */
function isAddress(plain: string): boolean {
  if (/^[老小大]/.test(plain) && plain.length === 2 && isFrequentSurname(plain.slice(1))) return true
  if (!shortHonorific.test(plain)) return false
  const rest = plain.slice(0, -1)
  return isSurname(rest) || (rest.length === 3 && /[总董姐哥]$/.test(plain) && surnameAtHead(rest).length === 1)
}

function split(text: string, plain: string, change: ChangeCode | null, familyLength?: number): ReadName {
  // Longer texts are companies, nicknames or foreign names without a dot: no family name is told from them.
  const length = familyLength ?? (plain.length <= 4 ? surnameAtHead(plain).length : 0)
  const familySyllables = length > 0 ? syllablesOf(plain.slice(0, length), { asFamily: true }) : []
  const givenSyllables = plain.length > length ? syllablesOf(plain.slice(length), { asFamily: false }) : []
  const family = familySyllables.join('')
  const given = givenSyllables.join('')
  return {
    display: text,
    family: length > 0 ? text.slice(0, length) : null,
    given: text.length > length ? text.slice(length) : null,
    words: family === '' ? [given] : given === '' ? [family] : [family, given],
    pinyin: family + given,
    initials: initialsOf(familySyllables) + initialsOf(givenSyllables),
    change,
  }
}

/** 买买提·艾力, 卡尔·马克思: parts in their own order, none of them surely a family name. */
function readDotted(text: string): ReadName {
  const parts = text.split(foreignDot).filter((part) => part !== '')
  const display = parts.join('·')
  const syllables = parts.map((part) => syllablesOf(simplified(part), { asFamily: false }))
  return {
    display,
    family: null,
    given: null,
    words: syllables.map((part) => latinOf(part.join(''))),
    pinyin: syllables.flat().join(''),
    initials: initialsOf(syllables.flat()),
    change: display === text ? null : 'name.symbols_removed',
  }
}

export function initialsOf(words: readonly string[]): string {
  return words.map((word) => word.slice(0, 1)).join('')
}
