/**
 * The invented people and what each channel wrote down about them: the same person at a store, on the website and in
 * the ERP with the phone written in other ways, families on one phone, tour leaders who book for many, and mistakes as
 * people make them. The same seed and day give the same people; nothing here reads a clock.
 */
import { cleanName } from '#modules/cleaning'
import { course, families, given as womensCharacters, writings } from '../seed.ts'
import { erpCode, invitations, invitedOneIn, otaCode, type Store, stores, websiteCode } from './group.ts'

export interface Plan {
  seed: number
  /** The day of the first start, `YYYY-MM-DD`: what happened lies before it. */
  day: string
  people: number
}

/** One person as one channel knows them. */
export interface Sighting {
  person: number
  /** Of this person's sightings: 0 is the first. */
  nth: number
  channel: string
  /** Within its channel, from 0. */
  number: number
}

export interface Person {
  name: string
  phone: string
  birth: string
  gender: string
  city: string
  /** Of some who live with others; the others have the same. */
  address: string | null
}

const dayMilliseconds = 86_400_000
/** How far back it goes. */
export const spanMilliseconds = 3 * 365 * dayMilliseconds

export const pick = <T>(from: readonly T[], next: () => number) => from[Math.floor(next() * from.length)]!

/** A course of its own for each question about each person, so that no answer moves another. */
export const courseOf = ({ seed }: Plan, about: string, number: number) => {
  let mixed = seed ^ Math.imul(number + 1, 2654435761)
  for (const letter of about) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193)
  return course(mixed)
}

interface Household {
  /** Number of its first person. */
  head: number
  onePhone: boolean
  /** Whether several live there. */
  several: boolean
}

const leaders = 4

const mensCharacters = [
  ...'伟强磊军洋勇涛明超刚建文辉力杰浩宇轩博俊鹏飞志国峰斌波鑫龙凯旭东昊阳泽瑞晨毅成健凡亮平海松林江安庆福生永良义诚振',
]
/** Given names that many share, by gender. */
const commonNames: Record<string, readonly string[]> = {
  男: '志强 建国 建华 浩然 子轩 文博 俊杰 志远 海涛 晓东 国栋 永强 立新 明辉 宇航 家豪 思远 天佑 一鸣 少华 伟 磊 强 军 涛 鹏 超 浩 凯 斌'.split(
    ' ',
  ),
  女: '秀英 桂兰 丽华 淑芬 玉梅 晓燕 雨桐 欣怡 诗涵 梓萱 思琪 佳怡 雅婷 晓雯 静怡 美玲 红梅 婉清 若兰 晚晴 敏 静 丽 娟 芳 燕 婷 雪 慧 颖'.split(
    ' ',
  ),
}

/** Who lives with whom, and by which channels each of them is known; of each channel in a fixed order. */
export function sightings(plan: Plan): { byChannel: Map<string, Sighting[]>; households: Household[] } {
  const byChannel = new Map<string, Sighting[]>()
  const households: Household[] = []
  const homes = courseOf(plan, 'household', 0)
  const see = (person: number, channels: readonly string[]) => {
    for (const [nth, channel] of channels.entries()) {
      const list = byChannel.get(channel) ?? []
      byChannel.set(channel, list)
      list.push({ person, nth, channel, number: list.length })
    }
  }
  while (households.length < plan.people) {
    const head = households.length
    const size = homes() < 0.07 ? 2 + Math.floor(homes() * 3) : 1
    const onePhone = size > 1 && homes() < 0.15
    for (let each = 0; each < size && households.length < plan.people; each++) {
      see(households.length, channelsOf(plan, households.length, head))
      households.push({ head, onePhone, several: size > 1 })
    }
  }
  return { byChannel, households }
}

export const storeOf = (plan: Plan, head: number): Store => {
  // Some stores are busier than others.
  const next = courseOf(plan, 'store', head)
  return stores[Math.floor(Math.min(next(), next() * 1.6) * stores.length)]!
}

function channelsOf(plan: Plan, person: number, head: number): string[] {
  const next = courseOf(plan, 'channels', person)
  const own = storeOf(plan, head).code
  const kind = next()
  const first = kind < 0.8 ? own : kind < 0.92 ? websiteCode : otaCode
  const found = [first]
  for (let again = next(); again < 0.27 && found.length < 3; again = next()) {
    const where = next()
    found.push(where < 0.4 ? websiteCode : where < 0.72 ? erpCode : where < 0.9 ? pick(stores, next).code : otaCode)
  }
  // Now and then a store enters the same customer twice.
  if (first === own && next() < 0.015) found.push(own)
  return found
}

/** Where the group met somebody first, it may have invited them to a tier. */
export function invitationOf(plan: Plan, { person, nth }: Sighting): { tier: string; reason: string } | null {
  const next = courseOf(plan, 'invited', person)
  return nth === 0 && next() < 1 / invitedOneIn ? invitations[Math.floor(next() ** 2 * invitations.length)]! : null
}

export function personOf(plan: Plan, number: number, { head, onePhone, several }: Household): Person {
  const next = courseOf(plan, 'person', number)
  const rest = number - head
  const headFamily = pick(families, courseOf(plan, 'family', head))
  // Children have the family's name; husband and wife each their own.
  const family = rest === 0 || rest > 1 ? headFamily : pick(families, next)
  const born = rest > 1 ? 2004 + Math.floor(next() * 17) : 1948 + Math.floor(57 * (0.5 * next() + 0.5 * next()))
  const reachedBy = onePhone ? head : number
  const gender = next() < 0.48 ? '男' : '女'
  // One in about 300 is booked by a tour leader, who leaves his own number.
  const leader = rest === 0 && next() < 0.0035 ? Math.floor(next() * leaders) : null
  return {
    name: family + givenName(gender, next),
    phone: phoneOf(plan, leader === null ? reachedBy : plan.people + leader),
    birth: `${born}-${two(1 + Math.floor(next() * 12))}-${two(1 + Math.floor(next() * 28))}`,
    gender,
    city: storeOf(plan, head).city,
    address: several ? addressOf(courseOf(plan, 'address', head)) : null,
  }
}

const streets = '人民路 解放路 中山路 建设路 新华路 和平路 文化路 滨河路 梧桐街 望江路 花园路 学院路'.split(' ')

/** Not every family's is known. */
function addressOf(next: () => number): string | null {
  const known = next() < 0.6
  const [street, number, tower, flat] = [pick(streets, next), next() * 280, next() * 12, next() * 24]
  return known
    ? `${street} ${1 + Math.floor(number)} 号 ${1 + Math.floor(tower)} 栋 ${1 + Math.floor(flat)}0${1 + Math.floor(next() * 4)} 室`
    : null
}

export function givenName(gender: string, next: () => number): string {
  if (next() < 0.45) return pick(commonNames[gender]!, next)
  const characters = gender === '男' ? mensCharacters : womensCharacters
  return pick(characters, next) + (next() < 0.8 ? pick(characters, next) : '')
}

const two = (number: number) => String(number).padStart(2, '0')

/** A bijection of the number, so that no two people have one phone by chance. */
function phoneOf({ seed }: Plan, number: number): string {
  const digits = (number * 7_919 * 8_363 + seed * 104_729 + 100_003) % 1_000_000_000
  return `1${pick(['3', '5', '8', '9'], course(number))}${String(digits).padStart(9, '0')}`
}

const notes = [
  '老客户介绍',
  '喜欢靠窗座位',
  '带老人出行，节奏要慢',
  '不吃香菜',
  '要求大床房',
  '每年暑假带孩子出游',
  '对花生过敏',
]
const tags = ['亲子', '摄影', '银发', '自驾', '企业客户', '蜜月', '研学']
const nobody = ['散客', '客人', '测试', '未知', '测试账号', 'test']

/** Where they say that they come from, as each kind of channel writes it: some words nobody has agreed on. */
const sources = {
  store: '门店 门店 到店 店里 线下 老客推荐 转介绍 朋友介绍 微信 公众号 官网 WEB 网站 展会 电话 抖音 地推'.split(' '),
  website: ['官网', '官网', '网站', 'web', '微信'],
  erp: ['STORE', 'WEB', 'AGENT', 'CTRIP', '门市'],
  ota: ['携程', '携程', 'ctrip', '飞猪'],
}

/** What the channel wrote down, field by field, as an import would read it from a file. */
export function recordOf(plan: Plan, seen: Sighting, person: Person): Record<string, string> {
  const raw = writtenRecord(plan, seen, person)
  const kind =
    seen.channel === otaCode
      ? 'ota'
      : seen.channel === websiteCode
        ? 'website'
        : seen.channel === erpCode
          ? 'erp'
          : 'store'
  const next = courseOf(plan, `source ${seen.channel}`, seen.person * 4 + seen.nth)
  // Asked for by some stores since long, by all since a few weeks.
  const isAsked = next() < (endOf(plan) - firstSeen(plan, seen) < 45 * dayMilliseconds ? 0.85 : 0.5)
  return isAsked ? { ...raw, source: pick(sources[kind], next) } : raw
}

function writtenRecord(plan: Plan, seen: Sighting, person: Person): Record<string, string> {
  const next = courseOf(plan, seen.channel, seen.person * 4 + seen.nth)
  const raw: Record<string, string> & { name: string } = {
    externalId: externalIdOf(seen),
    name: person.name,
    phone: person.phone,
  }
  if (person.address && seen.channel !== otaCode) raw.addressLine = person.address
  if (next() < 0.45 || seen.nth > 0) raw.phone = pick(writings, next)(person.phone)
  if (seen.channel === otaCode) {
    if (next() < 0.5) raw.name = passportName(person.name)
    raw.email = `${raw.name.slice(0, 1)}***@mail.example.cn`
    return raw
  }
  if (seen.channel === websiteCode) {
    if (next() < 0.8) raw.email = `u${seen.person}@mail.example.cn`
    if (next() < 0.6) raw.birthDate = person.birth
    raw.gender = person.gender
    raw.city = person.city
    return raw
  }
  if (seen.channel === erpCode) {
    raw.birthDate = person.birth.replaceAll('-', '')
    raw.gender = person.gender === '男' ? 'M' : 'F'
    raw.city = person.city
    return raw
  }
  if (next() < 0.65) raw.birthDate = writtenBirth(person.birth, next)
  if (next() < 0.85) raw.gender = next() < 0.7 ? person.gender : person.gender === '男' ? '先生' : '女士'
  raw.city = next() < 0.93 ? person.city : `${person.city}市`
  if (next() < 0.05) raw.note = pick(notes, next)
  if (next() < 0.18) raw.tags = next() < 0.7 ? pick(tags, next) : `${pick(tags, next)}、${pick(tags, next)}`
  raw.name = writtenName(person, next)
  return raw
}

function externalIdOf({ channel, number }: Sighting): string {
  if (channel === websiteCode) return `W${1_000_001 + number}`
  if (channel === otaCode) return `YT${88_000_000 + number * 17}`
  if (channel === erpCode) return `K${String(number + 1).padStart(7, '0')}`
  return `${stores.find(({ code }) => code === channel)!.prefix}${String(number + 1).padStart(5, '0')}`
}

function passportName(name: string): string {
  const { value } = cleanName({ name })
  const family = cleanName({ name: value?.family ?? '' }).value?.pinyin ?? ''
  return value?.pinyin.startsWith(family) && family !== ''
    ? `${family}/${value.pinyin.slice(family.length)}`.toUpperCase()
    : name
}

function writtenName({ name, gender }: Person, next: () => number): string {
  const way = next()
  if (way < 0.012) return pick(nobody, next)
  if (way < 0.05) return [...name].join(' ')
  if (way < 0.075) return `${name}${gender === '男' ? '先生' : '女士'}`
  if (way < 0.095) return `${name}（VIP）`
  if (way < 0.11) return `　${name} `
  return name
}

function writtenBirth(birth: string, next: () => number): string {
  const [year, month, day] = birth.split('-').map(Number) as [number, number, number]
  const way = next()
  if (way < 0.4) return birth
  if (way < 0.55) return `${year}/${month}/${day}`
  if (way < 0.68) return `${year}年${month}月${day}日`
  if (way < 0.78) return `${year}.${two(month)}.${two(day)}`
  if (way < 0.88) return birth.replaceAll('-', '')
  if (way < 0.93) return `${birth} 00:00:00`
  // A cell that a spreadsheet took for a number.
  if (way < 0.96) return String(Date.parse(`${birth}T00:00:00Z`) / dayMilliseconds + 25_569)
  if (way < 0.98) return `${year}年`
  return '1900-01-01'
}

/** When a channel first met the person, in milliseconds: over the last years, more of them lately. */
export function firstSeen(plan: Plan, { person, nth }: Sighting): number {
  const next = courseOf(plan, 'since', person)
  let since = next()
  // Whoever turns up in another channel does so later.
  for (let each = 0; each < nth; each++) since += (1 - since) * next()
  return withinHours(endOf(plan) - spanMilliseconds + Math.floor(since * (spanMilliseconds - dayMilliseconds)), next)
}

/** The same day between 9 and 20 o'clock in China. */
export function withinHours(time: number, next: () => number): number {
  const midnight = Math.floor((time + 8 * 3_600_000) / dayMilliseconds) * dayMilliseconds - 8 * 3_600_000
  return midnight + 9 * 3_600_000 + Math.floor(next() * 11 * 3600) * 1000
}

/** The end of business on the day before. */
export const endOf = ({ day }: Plan) => Date.parse(`${day}T00:00:00+08:00`) - 3 * 3_600_000
