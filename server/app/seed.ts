/**
 * Two spreadsheets of invented people from two stores, half of them the same people with their phones written in other
 * ways. The same number gives the same files, so that results can be compared.
 */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export const families = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
]
export const given = [
  ...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅红建文辉力云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉琳晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思',
]
const cities = ['上海', '济南', '成都', '福州', '北京', '广州', '杭州', '西安', '昆明', '南京']

/** A small generator with a fixed course (mulberry32). */
export function course(seedNumber: number): () => number {
  let state = seedNumber
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface Person {
  name: string
  phone: string
  birth: string
  gender: string
  city: string
  email: string
}

function person(number: number): Person {
  const next = course(number * 2654435761)
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)]!
  const name = pick(families) + pick(given) + (next() < 0.8 ? pick(given) : '')
  // A bijection of the number, so that no two people have one phone.
  const phone = `13${String((number * 7919 + 100_003) % 1_000_000_000).padStart(9, '0')}`
  const birth = `${1945 + Math.floor(next() * 60)}-${String(1 + Math.floor(next() * 12)).padStart(2, '0')}-${String(1 + Math.floor(next() * 28)).padStart(2, '0')}`
  return {
    name,
    phone,
    birth,
    gender: next() < 0.5 ? '男' : '女',
    city: pick(cities),
    email: next() < 0.4 ? `u${number}@mail.example.cn` : '',
  }
}

const fullWidth = (digits: string) =>
  digits.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))
export const writings: ((phone: string) => string)[] = [
  (phone) => `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`,
  (phone) => `+86-${phone}`,
  (phone) => `0086${phone}`,
  fullWidth,
  (phone) => `${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`,
  (phone) => phone,
]

/** Writes `store-a.csv` and `store-b.csv` of `people` rows each; half of the second are people of the first. */
export async function seed(
  folder: string,
  people: number,
): Promise<{ files: string[]; people: number; members: number }> {
  await mkdir(folder, { recursive: true })
  const files = [join(folder, 'store-a.csv'), join(folder, 'store-b.csv')]
  const write = (file: string, lines: () => Generator<string>) =>
    pipeline(Readable.from(lines()), createWriteStream(file))
  await write(files[0]!, function* () {
    yield '客户编号,姓名,电话,出生日期,性别,城市,邮箱\n'
    for (let number = 0; number < people; number++) {
      const { name, phone, birth, gender, city, email } = person(number)
      yield `A${number},${name},${phone},${birth},${gender},${city},${email}\n`
    }
  })
  const shared = Math.floor(people / 2)
  await write(files[1]!, function* () {
    yield '会员号,客户姓名,手机,生日,性别,所在城市\n'
    for (let row = 0; row < people; row++) {
      const number = people - shared + row
      const { name, phone, birth, gender, city } = person(number)
      yield `B${number},${name},${writings[number % writings.length]!(phone)},${birth.replaceAll('-', '/')},${gender === '男' ? '先生' : '女士'},${city}\n`
    }
  })
  return { files, people: people * 2, members: people * 2 - shared }
}
