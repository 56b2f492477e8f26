/**
 * How channels say what became of an order and how it was paid. Words only; what a status does to points is decided
 * elsewhere.
 */
import { BLANK, cleaned, type Outcome, unusable } from './codes.ts'
import { fold, isBlank, simplified } from './text.ts'

export const orderStatuses = ['pending', 'paid', 'cancelled', 'refunded'] as const
export type OrderStatus = (typeof orderStatuses)[number]

export const paymentMethods = [
  'wechat',
  'alipay',
  'cash',
  'bank_card',
  'pos',
  'bank_transfer',
  'unionpay',
  'digital_yuan',
  'stored_value',
  'points',
  'coupon',
  'cheque',
  'on_account',
  'paypal',
  'apple_pay',
  'sbp',
  'mixed',
  'other',
] as const
export type PaymentMethod = (typeof paymentMethods)[number]

/** No-shows count as cancelled: nobody travelled, and what was kept as a fee is not a purchase. */
const statusWords: Record<OrderStatus, string> = {
  paid: `paid 已付款 已支付 已付 付款成功 支付成功 交易成功 交易完成 已完成 完成 成功 已结账 已结清 已收款 已确认 已出票 已预订 已入住 已离店
    已退房 已出行 已出团 已核销 已使用 已消费 已发货 已收货 已签收 待出行 待入住 待核销 complete completed settled success successful
    succeeded closed_won fulfilled shipped delivered confirmed booked check-out checked-out check-in checked-in stayed done
    оплачен оплачено оплачена выполнен выполнено завершен завершено доставлен подтвержден закрыт`,
  pending: `pending 待付款 待支付 未付款 未支付 未付 待确认 处理中 已下单 已提交 下单 待收款 待处理 部分付款 预留 unpaid
    awaiting_payment pending_payment waiting open new created on_hold processing in_progress option tentative reserved
    не_оплачен неоплачен неоплачено не_оплачено ожидает_оплаты ожидание ожидает новый в_обработке черновик draft`,
  cancelled: `cancelled canceled 已取消 取消 交易关闭 已关闭 关闭 作废 已作废 已撤销 撤销 退订 已退订 失败 支付失败 未入住 无效
    cancel void voided no-show noshow failed rejected declined expired closed_lost
    отменен отменено отмена отменена аннулирован аннулировано незаезд отклонен`,
  refunded: `refunded 已退款 退款 全额退款 退款成功 已退货 退货 退款完成 已退 refund full_refund fully_refunded returned return
    chargeback возврат возвращен возвращено возврат_средств`,
}

const paymentWords: Record<PaymentMethod, string> = {
  wechat: '微信 微信支付 微信转账 微信扫码 wechat wechatpay wechat_pay weixin wxpay wx tenpay 财付通 вичат',
  alipay: '支付宝 支付宝支付 alipay ali_pay zfb 花呗 алипей',
  cash: '现金 现付 现金支付 cash наличные наличными нал наличка',
  bank_card:
    '银行卡 信用卡 借记卡 储蓄卡 刷卡 card bank_card credit_card debit_card credit debit visa mastercard jcb amex mir карта банковская_карта картой по_карте мир',
  pos: 'pos pos机 pos刷卡 pos机刷卡 刷pos терминал',
  bank_transfer:
    '转账 银行转账 对公转账 对公 汇款 银行汇款 电汇 网银 网银转账 bank_transfer wire wire_transfer transfer remittance перевод банковский_перевод безнал безналичный безналичные',
  unionpay: '银联 银联支付 云闪付 unionpay union_pay юнионпэй',
  digital_yuan: '数字人民币 digital_yuan e-cny ecny',
  stored_value:
    '储值 储值卡 余额 余额支付 会员卡 预付卡 礼品卡 stored_value balance prepaid prepaid_card gift_card баланс',
  points: '积分 积分支付 积分抵扣 积分兑换 points баллы баллами',
  coupon: '优惠券 代金券 抵用券 旅游券 coupon voucher купон ваучер',
  cheque: '支票 cheque check чек',
  on_account: '挂账 签单 月结 赊账 on_account invoice city_ledger счет по_счету',
  paypal: 'paypal 贝宝',
  apple_pay: 'apple_pay applepay',
  sbp: 'сбп sbp',
  mixed: '混合支付 组合支付 多种 mixed split combined смешанная',
  other: '其他 其它 other другое другой прочее',
}

const statuses = wordMap(statusWords)
const payments = wordMap(paymentWords)

function wordMap<T extends string>(words: Record<T, string>): Map<string, T> {
  const map = new Map<string, T>()
  for (const code of Object.keys(words) as T[]) {
    for (const word of words[code].split(/\s+/)) map.set(plainWord(word), code)
  }
  return map
}

/** "Wechat Pay", "wechat_pay", "WECHAT-PAY" are one word; 已付款(微信) is 已付款. */
function plainWord(text: string): string {
  const word = fold(text)
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/\([^()]*\)$/, '')
  return simplified(word).replace(/[\s_.-]+/g, '')
}

export function cleanOrderStatus(text: string | null | undefined): Outcome<OrderStatus> {
  if (text === null || text === undefined) return BLANK
  const known = statuses.get(text)
  if (known !== undefined) return cleaned(known)
  if (isBlank(text)) return BLANK
  const word = plainWord(text)
  // The amount that came back is not in the word, so the order can't be booked from it.
  if (/部分退|partial(ly)?refund|частичный?возврат/.test(word)) return unusable('order.status_partly_refunded')
  const status = statuses.get(word)
  return status === undefined ? unusable('order.status_unknown') : cleaned(status)
}

/** Of several methods in one cell ("微信+现金") the answer is `mixed`. */
export function cleanPaymentMethod(text: string | null | undefined): Outcome<PaymentMethod> {
  if (text === null || text === undefined) return BLANK
  const known = payments.get(text)
  if (known !== undefined) return cleaned(known)
  if (isBlank(text)) return BLANK
  const method = payments.get(plainWord(text))
  if (method !== undefined) return cleaned(method)
  const parts = fold(text).split(/[+/,;&、|]/)
  if (parts.length > 1) {
    const methods = new Set(parts.map((part) => payments.get(plainWord(part))))
    if (!methods.has(undefined)) return cleaned(methods.size === 1 ? [...methods][0]! : 'mixed')
  }
  return unusable('order.payment_unknown')
}
