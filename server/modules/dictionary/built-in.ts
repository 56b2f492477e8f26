/** How the program describes its own fields before anybody changes a word. */
import { documentTypes, orderStatuses, paymentMethods } from '#modules/cleaning'
import type { FieldDefinition, WordValue, wordFields } from './contract.ts'

type Field = (typeof wordFields)[number]

const names = (zh: string, en: string, ru: string) => ({ 'zh-CN': zh, en, ru })
const value = (code: string, zh: string, en: string, ru: string, spellings = ''): WordValue => ({
  code,
  names: names(zh, en, ru),
  spellings: spellings.split(' ').filter(Boolean),
})

const list = (of: readonly [string, string, string], values: WordValue[], closed: boolean): FieldDefinition => ({
  names: names(...of),
  kind: 'choice',
  closed,
  values,
  blanks: [],
})

const nameOfType: Record<(typeof documentTypes)[number], readonly [string, string, string]> = {
  id_card: ['居民身份证', 'Identity card', 'Удостоверение личности'],
  passport: ['护照', 'Passport', 'Паспорт'],
  hk_macao_permit: ['港澳通行证', 'Hong Kong and Macao permit', 'Пропуск в Гонконг и Макао'],
  taiwan_permit: ['台湾通行证', 'Taiwan permit', 'Пропуск на Тайвань'],
  foreign_permit: ['外国人居留证', 'Residence permit', 'Вид на жительство'],
  other: ['其他证件', 'Other document', 'Другой документ'],
}

const nameOfMethod: Record<(typeof paymentMethods)[number], readonly [string, string, string]> = {
  wechat: ['微信支付', 'WeChat Pay', 'WeChat Pay'],
  alipay: ['支付宝', 'Alipay', 'Alipay'],
  cash: ['现金', 'Cash', 'Наличные'],
  bank_card: ['银行卡', 'Bank card', 'Банковская карта'],
  pos: ['POS 机', 'Card terminal', 'Терминал'],
  bank_transfer: ['银行转账', 'Bank transfer', 'Банковский перевод'],
  unionpay: ['银联', 'UnionPay', 'UnionPay'],
  digital_yuan: ['数字人民币', 'Digital yuan', 'Цифровой юань'],
  stored_value: ['储值余额', 'Stored value', 'Баланс'],
  points: ['积分', 'Points', 'Баллы'],
  coupon: ['优惠券', 'Coupon', 'Купон'],
  cheque: ['支票', 'Cheque', 'Чек'],
  on_account: ['挂账', 'On account', 'По счёту'],
  paypal: ['PayPal', 'PayPal', 'PayPal'],
  apple_pay: ['Apple Pay', 'Apple Pay', 'Apple Pay'],
  sbp: ['СБП', 'SBP', 'СБП'],
  mixed: ['组合支付', 'Several methods', 'Несколько способов'],
  other: ['其他', 'Other', 'Другое'],
}

const nameOfStatus: Record<(typeof orderStatuses)[number], readonly [string, string, string]> = {
  pending: ['待付款', 'Pending', 'Ожидает оплаты'],
  paid: ['已付款', 'Paid', 'Оплачен'],
  cancelled: ['已取消', 'Cancelled', 'Отменён'],
  refunded: ['已退款', 'Refunded', 'Возвращён'],
}

export const builtIn: Readonly<Record<Field, FieldDefinition>> = {
  source: list(
    ['来源', 'Source', 'Источник'],
    [
      value('website', '官网', 'Website', 'Сайт', '网站 官方网站 网上 web www site online интернет'),
      value('store', '门店', 'Store', 'Магазин', '门市 线下 店 到店 实体店 shop walk-in офис отделение'),
      value('partner', '合作伙伴', 'Partner', 'Партнёр', '合作 合作方 异业 渠道商 分销 distributor agent агент'),
      value('ota', 'OTA 平台', 'OTA', 'Онлайн-агентство', '携程 去哪儿 飞猪 美团 同程 ctrip trip.com booking expedia'),
      value('wechat', '微信', 'WeChat', 'WeChat', '公众号 微信公众号 小程序 朋友圈 weixin wx'),
      value('referral', '老客推荐', 'Referral', 'Рекомендация', '转介绍 介绍 朋友介绍 口碑 推荐 friend refer'),
      value('event', '活动', 'Event', 'Мероприятие', '展会 推介会 旅展 fair expo выставка'),
      value('phone', '电话', 'Telephone', 'Телефон', '热线 来电 call hotline звонок'),
    ],
    true,
  ),
  gender: list(
    ['性别', 'Gender', 'Пол'],
    [
      value('male', '男', 'Male', 'Мужской'),
      value('female', '女', 'Female', 'Женский'),
      value('other', '其他', 'Other', 'Другой'),
    ],
    true,
  ),
  city: list(['城市', 'City', 'Город'], [], false),
  region: list(['省份', 'Region', 'Регион'], [], false),
  documentType: list(
    ['证件类型', 'Document type', 'Вид документа'],
    documentTypes.map((code) => value(code, ...nameOfType[code])),
    true,
  ),
  tags: list(['标签', 'Tags', 'Метки'], [], false),
  product: list(['产品', 'Product', 'Продукт'], [], false),
  paymentMethod: list(
    ['支付方式', 'Payment method', 'Способ оплаты'],
    paymentMethods.map((code) => value(code, ...nameOfMethod[code])),
    false,
  ),
  status: list(
    ['订单状态', 'Order status', 'Статус заказа'],
    orderStatuses.map((code) => value(code, ...nameOfStatus[code])),
    true,
  ),
}

/** Codes by which the program decides something: they stay. */
const decided = new Set<Field>(['gender', 'documentType', 'paymentMethod', 'status'])
export const fixedOf = (field: string): string[] =>
  decided.has(field as Field) ? builtIn[field as Field].values.map(({ code }) => code) : []

/** Whether a value can be added: not where the program has to know what each means. */
export const isOpen = (field: string) => !decided.has(field as Field) || field === 'paymentMethod'

/** Custom fields have no description before somebody gives one. */
export const describedByProgram = (field: string): FieldDefinition | null =>
  field in builtIn ? builtIn[field as Field] : null
