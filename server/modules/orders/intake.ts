/** From texts as a channel wrote them to the facts of one line of an order. */
import {
  type ChangeCode,
  cleanDateTime,
  cleanMoney,
  cleanOrderStatus,
  cleanPaymentMethod,
  cleanQuantity,
  cleanText,
  currencyOf,
  type ProblemCode,
} from '#modules/cleaning'
import type { Lexicon } from '#modules/dictionary'
import { wallTime } from '#platform/clock'
import type { OrderLine, OrderStatus } from './orders.ts'

export interface LineIntake {
  number: string | null
  orderedAt: Date | null
  currency: string
  status: OrderStatus
  paymentMethod: string | null
  line: OrderLine | null
  changes: { field: string; code: ChangeCode; before: string; after: string }[]
  problems: { field: string; code: ProblemCode; before: string }[]
}

export interface LineOptions {
  /** The group's currency, for amounts without one. */
  currency: string
  timeZone: string
  dayFirst?: boolean | null
  decimalComma?: boolean | null
  lexicon?: Lexicon
}

/** `raw`: field → text. Without a status an order counts as paid: lists of sales are what spreadsheets hold. */
export function cleanOrderLine(
  raw: Readonly<Record<string, string | null | undefined>>,
  options: LineOptions,
): LineIntake {
  const changes: LineIntake['changes'] = []
  const problems: LineIntake['problems'] = []
  const read = <T>(
    field: string,
    said: { value: T | null; change?: ChangeCode | null; problem?: ProblemCode | null },
    shown: (value: T) => string,
  ): T | null => {
    const before = raw[field] ?? ''
    if (said.value !== null) {
      if (said.change) changes.push({ field, code: said.change, before, after: shown(said.value) })
    } else if (said.problem) problems.push({ field, code: said.problem, before })
    return said.value
  }
  const hints = {
    timeZone: options.timeZone,
    ...(options.dayFirst === null || options.dayFirst === undefined ? {} : { dayFirst: options.dayFirst }),
  }
  const orderedAt = read('orderedAt', cleanDateTime(raw.orderedAt ?? null, hints), (at) =>
    wallTime(at, options.timeZone),
  )
  const currency = (raw.currency ? currencyOf(raw.currency) : null) ?? options.currency
  const money = read(
    'amount',
    cleanMoney(raw.amount ?? null, {
      currency,
      ...(options.decimalComma === null || options.decimalComma === undefined
        ? {}
        : { decimalComma: options.decimalComma }),
    }),
    ({ minor }) => String(minor),
  )
  const quantity = read('quantity', cleanQuantity(raw.quantity ?? null), String)
  const worded = (field: string) => (raw[field] ? (options.lexicon?.codeOf(field, raw[field]) ?? null) : null)
  const known = <T>(code: T | null, otherwise: () => { value: T | null }) =>
    code === null ? otherwise() : { value: code }
  const status = read(
    'status',
    known(worded('status') as OrderStatus | null, () => cleanOrderStatus(raw.status ?? null)),
    String,
  )
  const paymentMethod = read(
    'paymentMethod',
    known(worded('paymentMethod'), () => cleanPaymentMethod(raw.paymentMethod ?? null)),
    String,
  )
  const product = read(
    'product',
    (raw.product ? options.lexicon?.read('product', raw.product) : null) ?? cleanText(raw.product ?? null),
    String,
  )
  const number = read('orderNumber', cleanText(raw.orderNumber ?? null), String)
  return {
    number,
    orderedAt: orderedAt === null ? null : new Date(orderedAt),
    currency: money?.currency ?? currency,
    status: status ?? 'paid',
    paymentMethod,
    line:
      money === null
        ? null
        : { product, quantity: quantity === null ? null : Number(quantity), amountMinor: Number(money.minor) },
    changes,
    problems,
  }
}
