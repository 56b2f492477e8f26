import { describe, expect, test } from 'vitest'
import { cleanCountry } from './countries.ts'
import { cleanEmail } from './emails.ts'
import { cleanGender } from './genders.ts'
import { cleanOrderStatus, cleanPaymentMethod } from './orders.ts'
import { cleanTags, cleanText, fold, isBlank, simplified } from './text.ts'

const said = (outcome: { value: unknown; problem?: unknown }) =>
  outcome.value === null ? (outcome.problem ?? null) : outcome.value

describe('e-mail', () => {
  test.each([
    ['li@163.com', 'li@163.com', null],
    [' li@163.com ', 'li@163.com', null],
    ['Li.Na@QQ.com', 'li.na@qq.com', 'email.case'],
    ['li＠163．com', 'li@163.com', 'email.full_width'],
    ['li@163。com', 'li@163.com', 'email.full_width'],
    ['li@163.com.', 'li@163.com', 'email.punctuation'],
    ['li@163.com；', 'li@163.com', 'email.full_width'],
    ['Li Na <li@163.com>', 'li@163.com', 'email.punctuation'],
    ['mailto:li@163.com', 'li@163.com', 'email.punctuation'],
    ['li @163.com', 'li@163.com', 'email.punctuation'],
    ['a@b.com; c@d.com', 'a@b.com', 'email.several'],
  ])('%s', (text, value, change) => expect(cleanEmail(text)).toEqual({ value, change }))

  test('of a domain in other letters has its ASCII form', () => {
    expect(cleanEmail('test@пример.рф').value).toBe('test@xn--e1afmkfd.xn--p1ai')
  })

  test.each([
    ['a***@x.com', 'email.masked'],
    ['li@', 'email.unreadable'],
    ['@163.com', 'email.unreadable'],
    ['li@163', 'email.unreadable'],
    ['li na@163.com', 'email.unreadable'],
    ['13800138000', 'email.unreadable'],
    ['无', null],
  ])('%s is refused: %s', (text, problem) => expect(cleanEmail(text)).toEqual({ value: null, problem }))
})

test.each([
  ['男', 'male'],
  ['女', 'female'],
  ['先生', 'male'],
  ['女士', 'female'],
  ['M', 'male'],
  ['F', 'female'],
  ['Female', 'female'],
  ['м', 'male'],
  ['Ж', 'female'],
  ['муж.', 'male'],
  ['1', 'male'],
  ['2', 'female'],
  ['1.0', 'male'],
  ['other', 'other'],
  ['其他', 'other'],
  ['0', null],
  ['未知', null],
  ['', null],
  ['?', 'gender.unreadable'],
])('gender %j: %s', (text, expected) => expect(said(cleanGender(text))).toBe(expected))

test.each([
  ['中国', 'CN'],
  ['中国大陆', 'CN'],
  ['China', 'CN'],
  ['CHN', 'CN'],
  ['cn', 'CN'],
  ['香港', 'HK'],
  ['中國香港', 'HK'],
  ['台灣', 'TW'],
  ['韓國', 'KR'],
  ['Republic of Korea', 'KR'],
  ['Россия', 'RU'],
  ['РФ', 'RU'],
  ['俄罗斯', 'RU'],
  ['PRT', 'PT'],
  ['GBR', 'GB'],
  ['UK', 'GB'],
  ['United States of America', 'US'],
  ['США', 'US'],
  ['阿联酋', 'AE'],
  ["Cote d'Ivoire", 'CI'],
  ['the Netherlands', 'NL'],
  ['刚果（金）', 'CD'],
  ['NA', 'NA'],
  ['NULL', null],
  ['Narnia', 'country.unknown'],
])('country %s: %s', (text, expected) => expect(said(cleanCountry(text))).toBe(expected))

test.each([
  ['已付款', 'paid'],
  ['已支付', 'paid'],
  ['交易成功', 'paid'],
  ['Check-Out', 'paid'],
  ['оплачен', 'paid'],
  ['已付款（微信）', 'paid'],
  ['未付款', 'pending'],
  ['待確認', 'pending'],
  ['on hold', 'pending'],
  ['Не оплачен', 'pending'],
  ['已取消', 'cancelled'],
  ['Canceled', 'cancelled'],
  ['No-Show', 'cancelled'],
  ['Отменён', 'cancelled'],
  ['已退款', 'refunded'],
  ['REFUNDED', 'refunded'],
  ['возврат', 'refunded'],
  ['部分退款', 'order.status_partly_refunded'],
  ['partially refunded', 'order.status_partly_refunded'],
  ['foo', 'order.status_unknown'],
  ['', null],
])('order status %s: %s', (text, expected) => expect(said(cleanOrderStatus(text))).toBe(expected))

test.each([
  ['微信', 'wechat'],
  ['WeChat Pay', 'wechat'],
  ['支付寶', 'alipay'],
  ['现金', 'cash'],
  ['наличные', 'cash'],
  ['信用卡', 'bank_card'],
  ['Visa', 'bank_card'],
  ['POS机', 'pos'],
  ['对公转账', 'bank_transfer'],
  ['云闪付', 'unionpay'],
  ['储值卡', 'stored_value'],
  ['微信+现金', 'mixed'],
  ['微信/微信', 'wechat'],
  ['foo', 'order.payment_unknown'],
  [null, null],
])('payment method %s: %s', (text, expected) => expect(said(cleanPaymentMethod(text))).toBe(expected))

describe('free text', () => {
  test('keeps its punctuation and loses what nobody sees', () => {
    expect(cleanText('  上海市，徐汇区（南） ')).toEqual({ value: '上海市，徐汇区（南）', change: null })
    expect(cleanText('ＶＩＰ\u200b客户')).toEqual({ value: 'VIP客户', change: 'text.full_width' })
    expect(cleanText('a\u00a0 b\r\nc')).toEqual({ value: 'a b c', change: 'text.spacing' })
    expect(cleanText('l\ufeffi')).toEqual({ value: 'li', change: 'text.invisible' })
    expect(cleanText('一家人👨‍👩‍👧')).toEqual({ value: '一家人👨‍👩‍👧', change: null })
    expect(cleanText('NULL')).toEqual({ value: null, problem: null })
  })
  test('folded for machines', () => expect(fold('　Ａ１＋\u200b２\t \n３　')).toBe('A1+2 3'))
  test('tags, each once', () => expect(cleanTags('VIP, 亲子；海岛、VIP|')).toEqual(['VIP', '亲子', '海岛']))
  test('traditional characters', () => expect(simplified('會員編號 張乾 電話')).toBe('会员编号 张乾 电话'))
  test('words for nothing', () => {
    expect(['', ' ', 'NULL', 'N/A', '—', '无', '\\N', '#N/A', undefined].every(isBlank)).toBe(true)
    expect(['NA', '0', 'Null', 'no'].some(isBlank)).toBe(false)
  })
})
