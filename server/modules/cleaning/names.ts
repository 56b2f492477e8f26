/**
 * Names of people, as store lists, tickets and chat programs write them. `key` is what is compared: words in small
 * Latin letters, sorted, so that order, script, case and titles don't matter.
 */
import { joinChinese, type ReadName, readChinese } from './chinese-names.ts'
import { BLANK, type ChangeCode, cleaned, type Outcome, unusable } from './codes.ts'
import { isSurname, surnameAtHead } from './surnames.ts'
import { fold, isBlank, simplified } from './text.ts'
import { latinOf, syllablesOf } from './transliteration.ts'
import { joinWestern, readWestern } from './western-names.ts'

/** Sorted words, e.g. "wang xiaoming"; null when nothing is known. */
export type NameKey = string | null

export interface Name {
  readonly display: string
  readonly family: string | null
  readonly given: string | null
  readonly key: string
  /** For search from the beginning: "wangxiaoming", "ivanovivanivanovich". */
  readonly pinyin: string
  /** "wxm" */
  readonly initials: string
}

interface WrittenName {
  name?: string | null | undefined
  familyName?: string | null | undefined
  givenName?: string | null | undefined
}

const longestName = 200
const nothing = { text: '', change: null }
// Stands for a text of which the hidden part can't be told from the shown one.
const masked = '*'
const brackets = /[([{<【《「][^()[\]{}<>【】《》「」]*[)\]}>】》」]/g
const notOfNames = /[^\p{L}\p{M}\s.,'’·•・‧∙･/-]+/gu
const signsAround = /^[^\p{L}]+|[^\p{L}\p{M}]+$/gu
const otherLetters = /(?![\p{Script=Han}\p{Script=Latin}\p{Script=Cyrillic}])\p{L}/u
const emojiStyles = /\p{Variation_Selector}/gu

const nobodies = new Set(
  `散客 散户 测试 测试员 测试用户 测试账号 未知 匿名 匿名用户 匿名客户 无 无名 无名氏 暂无 不详 微信用户 微信 支付宝用户 游客 顾客 客户
  客人 客 会员 用户 新用户 新客户 新会员 普通会员 普通客户 现金客户 零售客户 零售 零散客户 门店客户 线上客户 网络客户 个人 本人 某某 某人
  张三丰测试 先生 女士 小姐 太太 老师 老板 先生女士 大众点评用户 美团用户 携程用户 默认 默认客户 其他 其它 空 没有 姓名 名字 保密
  test tester testing testuser guest guestuser unknown anonymous anon none null undefined nobody noname name customer client user
  member walkin walkincustomer walkinguest cash cashcustomer nil tba tbd tbc xxx xx xxxx aaa asdf qwerty abc abcd admin default
  тест тестовый гость неизвестно неизвестный аноним анонимный нет клиент покупатель пользователь имя фамилия физлицо физическоелицо
  розничныйпокупатель частноелицо ффф ааа`.split(/\s+/),
)

/** Names that stand for nobody: 散客, 测试, test, N/A, гость, 微信用户, "客户12". */
export function isNobody(name: string | null | undefined): boolean {
  if (name === null || name === undefined || isBlank(name)) return true
  const words = simplified(fold(name).toLowerCase()).match(/\p{L}+/gu) ?? []
  const plain = words.join('')
  // Without letters it may still be something (a number, an emoji), but it names no one.
  return plain === '' || nobodies.has(plain) || /^(.)\1{2,}$/u.test(plain) || words.every((word) => nobodies.has(word))
}

export function cleanName({ name, familyName, givenName }: WrittenName): Outcome<Name> {
  const whole = present(name)
  const [family, given] = [present(familyName), present(givenName)]
  if (family !== null && given !== null) {
    const named = nameOf(family, given, { apart: whole === family + given })
    // A whole name that says both keeps its own order: Иван Иванов, John Smith.
    const shown = whole === null || named.value === null ? null : nameOfWhole(whole)
    return shown?.value?.key === named.value?.key && shown?.value ? withDisplay(named, shown.value.display) : named
  }
  // A list may repeat in the whole name what it knows of it.
  if (whole !== null && whole !== family) return nameOfWhole(whole)
  if (family !== null) return nameOf(family, '')
  if (given !== null) return nameOf('', given)
  return BLANK
}

function withDisplay(named: Outcome<Name>, display: string): Outcome<Name> {
  return named.value === null ? named : cleaned({ ...named.value, display }, named.change)
}

/** Pinyin (or Latin spelling, in small letters without spaces) and initials of a name, for search. */
export function pinyinOf(display: string): { pinyin: string | null; initials: string | null } {
  const { value } = cleanName({ name: display })
  return { pinyin: value?.pinyin ?? null, initials: value?.initials ?? null }
}

/** Two to four characters behind a known family name: what tells a column of names from other Chinese words. */
export function looksLikeChineseName(text: string): boolean {
  const plain = simplified(text.trim())
  return /^\p{Script=Han}{2,4}$/u.test(plain) && surnameAtHead(plain) !== '' && !nobodies.has(plain)
}

function present(text: string | null | undefined): string | null {
  return text === null || text === undefined || isBlank(text) ? null : text
}

function nameOfWhole(written: string): Outcome<Name> {
  if (/^[\u4e00-\u9fff]{2,4}$/.test(written)) {
    const plain = simplified(written)
    return nobodies.has(plain) ? unusable('name.nobody') : finished(readChinese(written, plain), null)
  }
  if (isNobody(written)) return unusable(/\p{L}|^\D*$/u.test(written) ? 'name.nobody' : 'name.not_a_name')
  const tidy = tidied(written)
  if (tidy === null) return unusable('name.not_a_name')
  if (tidy.text === masked) return unusable('name.masked')
  return finished(readAny(tidy.text), tidy.change)
}

/** `apart`: it is sure that the given name doesn't repeat the family name. */
function nameOf(writtenFamily: string, writtenGiven: string, { apart = false } = {}): Outcome<Name> {
  // One of the two may well be a word for nobody: Guest is a family name.
  if (isNobody(writtenFamily) && isNobody(writtenGiven)) return unusable('name.nobody')
  const family = tidied(writtenFamily) ?? nothing
  const given = tidied(writtenGiven) ?? nothing
  if (family.text + given.text === '') return unusable('name.not_a_name')
  if (family.text === masked || given.text === masked) return unusable('name.masked')
  const change = family.change ?? given.change
  const both = family.text + given.text
  if (!/\p{Script=Han}/u.test(both) || otherLetters.test(both))
    return finished(joinWestern(family.text, given.text), change)

  const [first, last] = [withoutSpaces(family.text), withoutSpaces(given.text)]
  // 王先生 in the column of family names, or a whole name in either one.
  if (last === '') return finished(readChinese(first), change)
  if (first === '') return finished(givenAlone(last), change)
  const bare = readChinese(first)
  if (/[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(first + last))
    return finished(readMixed(`${first} ${last}`), change)
  return finished(joinChinese(bare?.given === null ? bare.display : first, last, { apart }), bare?.change ?? change)
}

/** 小 明 → 小明; the words of a foreign name stay apart. */
function withoutSpaces(text: string): string {
  return text.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '')
}

/** A given name of two characters may begin with one that is also a family name; alone in its column it is given. */
function givenAlone(given: string): ReadName | null {
  const read = readChinese(given)
  if (read === null || read.family === null || given.length > 2) return read
  return { ...read, family: null, given: read.display, words: [read.words.join('')] }
}

/** The text without what surrounds a name: notes in brackets, emoji, digits, odd spaces. Null when no letter is left. */
function tidied(written: string): { text: string; change: ChangeCode | null } | null {
  if (written.length > longestName || written.includes('@')) return null
  const trimmed = written.trim()
  const folded = fold(trimmed).replace(emojiStyles, '')
  let change: ChangeCode | null = null
  if (folded !== trimmed) change = /[\uff01-\uff5e]/.test(trimmed) ? 'name.full_width' : 'name.spacing'
  let text = folded
  if (/[([{<【《「]/.test(text)) {
    const outside = text.replace(brackets, ' ').trim()
    text = /\p{L}/u.test(outside) ? outside : text.replace(/[()[\]{}<>【】《》「」]/g, ' ')
    change = 'name.note_removed'
  }
  const hidden = /^\s*(\p{Script=Han}*)\s*[*×●○✱]/u.exec(text)
  if (hidden && isSurname(simplified(hidden[1]!))) return { text: hidden[1]!, change: 'name.mask_removed' }
  if (/[*●✱]/.test(text)) return { text: masked, change: null }
  const alone = text.split(/[;、]/).filter((part) => /\p{L}/u.test(part))
  if (alone.length > 1) {
    text = alone[0]!
    change = 'name.several'
  }
  const bare = text.replace(notOfNames, ' ').replace(/\s+/g, ' ').replace(signsAround, '')
  if (bare !== text) change ??= 'name.symbols_removed'
  if (!/\p{L}/u.test(bare)) return null
  return { text: bare, change }
}

function readAny(text: string): ReadName | null {
  // 佐藤はな: letters that are read neither as pinyin nor as Latin are compared as they stand.
  if (!/\p{Script=Han}/u.test(text) || otherLetters.test(text)) return readWestern(text)
  if (/[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(text)) return readMixed(text)
  const people = text
    .split(/[\s,/、]+/)
    .map((part) => part.replace(/[.'’-]/g, '').replace(signsAround, ''))
    .filter((part) => part !== '')
  const several = people.length > 1 && people.every((part) => part.length > 1 && surnameAtHead(simplified(part)) !== '')
  if (several && !isSurname(simplified(people[0]!))) return changed(readChinese(people[0]!), 'name.several')
  const joined = people.join('')
  return joined === text ? readChinese(text) : changed(readChinese(joined), 'name.spacing')
}

/** 王伟 Wang Wei, 李Lily, A王伟: the characters are the name unless they are only a family name. */
function readMixed(text: string): ReadName | null {
  const chinese = (text.match(/[\p{Script=Han}·•・‧]+/gu) ?? []).join('').replace(signsAround, '')
  const latin = text.replace(/[\p{Script=Han}·•・‧,/]+/gu, ' ').replace(signsAround, '')
  const read = readChinese(chinese)
  if (read === null || read.given !== null || /^vip$/i.test(latin)) {
    return read === null ? readWestern(latin) : { ...read, change: 'name.note_removed' }
  }
  const other = readWestern(latin)
  if (other === null || other.words.join('').length < 2) return { ...read, change: 'name.note_removed' }
  return {
    display: text,
    family: read.display,
    given: other.display,
    words: [...new Set([...read.words, ...other.words])],
    pinyin: read.pinyin + other.pinyin,
    initials: read.initials + other.initials,
    change: read.change,
  }
}

function changed(read: ReadName | null, change: ChangeCode): ReadName | null {
  return read === null ? null : { ...read, change: read.change ?? change }
}

function finished(read: ReadName | null, change: ChangeCode | null): Outcome<Name> {
  if (read === null || read.words.length === 0) return unusable('name.nobody')
  const key = read.words.length === 1 ? read.words[0]! : [...read.words].sort().join(' ')
  // What is left of "Test (old)", or comes of "N nn", is nobody too.
  if (isNobody(read.display)) return unusable('name.nobody')
  // What was taken away matters more than how it was spelled.
  const said =
    read.change === 'name.case' || change === 'name.several' ? (change ?? read.change) : (read.change ?? change)
  const { display, family, given, pinyin, initials } = read
  return cleaned({ display, family, given, key, pinyin, initials }, said)
}

/**
 * One part of a cleaned name as it is compared: small Latin letters in one word (Chinese by pinyin, Cyrillic as passports
 * write it), and the simplified characters where it has any.
 */
export function spelledPart(part: string, { asFamily }: { asFamily: boolean }): { latin: string; han: string } {
  if (!/\p{Script=Han}/u.test(part)) return { latin: latinOf(part).replace(/[^\p{L}]/gu, ''), han: '' }
  const han = simplified(part).replace(/[^\p{Script=Han}]/gu, '')
  return { latin: syllablesOf(han, { asFamily }).join(''), han }
}
