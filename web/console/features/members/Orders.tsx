/** Orders of all channels together, newest first, each with its lines. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { memberOrders } from '#modules/orders/contract'
import { call } from '#ui/call.ts'
import { Icon } from '#ui/icons.tsx'
import { keyOf } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { useChannelNames } from './channels.ts'
import type { MemberPageData } from './MemberPage.tsx'
import css from './Orders.module.css'

type OrdersData = NonNullable<MemberPageData['orders']>
type Order = OrdersData['newest'][number]

const pageOf = 100
const tones = { paid: 'green', pending: 'amber', cancelled: 'grey', refunded: 'red' } as const

export function Orders({ memberId, orders: first }: { memberId: string; orders: OrdersData }) {
  const say = useText()
  const formats = useFormats()
  const { newest, count, spentMinor, currency } = first
  const older = useInfiniteQuery({
    queryKey: [...keyOf(memberOrders, { memberId, before: newest.at(-1)?.orderedAt ?? '' }), 'pages'],
    queryFn: ({ signal, pageParam }) => call(memberOrders, { memberId, before: pageParam, limit: pageOf }, { signal }),
    initialPageParam: justAfter(newest.at(-1)?.orderedAt),
    getNextPageParam: ({ orders }) => (orders.length < pageOf ? null : justAfter(orders.at(-1)?.orderedAt)),
    enabled: false,
  })
  // Pages overlap by the last moment of the one before: orders of one day often carry one time.
  const orders = [
    ...new Map(
      [...newest, ...(older.data?.pages.flatMap((one) => one.orders) ?? [])].map((order) => [order.id, order]),
    ).values(),
  ]
  const more = older.data ? older.hasNextPage : count > newest.length
  if (count === 0) return <Empty icon="card" title={say('orders.none')} />
  return (
    <div className={css.orders}>
      <p className={css.sum}>
        <Dotted>
          {say('orders.count', { count })}
          {say('orders.spent', { amount: formats.money(spentMinor, currency) })}
        </Dotted>
      </p>
      <ul>
        {orders.map((order) => (
          <OrderRow key={order.id} order={order} />
        ))}
      </ul>
      <ProblemNote error={older.error} />
      {more && (
        <Button
          type="text"
          loading={older.isFetching}
          onClick={() => void (older.data ? older.fetchNextPage() : older.refetch())}
        >
          {say('orders.older')}
        </Button>
      )}
    </div>
  )
}

const justAfter = (at: string | undefined) => new Date(new Date(at ?? 0).getTime() + 1).toISOString()

function OrderRow({ order }: { order: Order }) {
  const say = useText()
  const formats = useFormats()
  const nameOf = useChannelNames()
  const [open, setOpen] = useState(false)
  const products = [...new Set(order.lines.flatMap(({ product }) => product ?? []))]
  return (
    <li className={css.order}>
      <button type="button" className={css.row} aria-expanded={open} onClick={() => setOpen(!open)}>
        <time dateTime={order.orderedAt}>{formats.shortDate(order.orderedAt)}</time>
        <span className={css.what}>
          <span className="cut">
            {products[0] ?? order.number ?? say('orders.unnumbered')}
            {products.length > 1 && ` ${say('orders.others', { count: products.length - 1 })}`}
          </span>
          <small className="cut">
            <Dotted>
              {nameOf(order.channel)}
              {products.length > 0 && order.number}
              {order.paymentMethod && (say.code('payment', order.paymentMethod) ?? order.paymentMethod)}
            </Dotted>
          </small>
        </span>
        <span className={css.state}>
          <Chip tone={tones[order.status]}>{say.code('orderStatus', order.status)}</Chip>
        </span>
        <span className={css.amount}>
          {formats.money(order.amountMinor, order.currency)}
          {order.refundedMinor > 0 && (
            <small>{say('orders.refunded', { amount: formats.money(order.refundedMinor, order.currency) })}</small>
          )}
        </span>
        <Icon name={open ? 'up' : 'down'} size={14} />
      </button>
      {open && (
        <ul className={css.lines}>
          {order.lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of an order have no other name
            <li key={at}>
              <span>
                {line.product ?? say('orders.unnamed')}
                {line.quantity !== null && ` × ${formats.number(line.quantity)}`}
              </span>
              <span>{formats.money(line.amountMinor, order.currency)}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
