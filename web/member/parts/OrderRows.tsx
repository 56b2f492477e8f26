import { useFormats, useText } from '../texts/texts.ts'
import type { Answer } from './ask.ts'
import css from './OrderRows.module.css'

export function OrderRows({ orders, timeZone }: { orders: Answer<'readOrders'>['orders']; timeZone: string }) {
  const say = useText()
  const formats = useFormats(timeZone)
  return (
    <ul className={css.rows}>
      {orders.map(({ id, number, orderedAt, amountMinor, refundedMinor, currency, status, products }) => (
        <li key={id} className={css.row}>
          <b>{products.length > 0 ? products.join(' / ') : say('orders.unnamed')}</b>
          <span className={css.amount}>{formats.money(amountMinor, currency)}</span>
          <small>
            {formats.date(orderedAt)}
            {number && (
              <>
                {' '}
                <br />
                {say('orders.number', { number })}
              </>
            )}
          </small>
          <small className={css.state} data-status={status}>
            {say(`status.${status}`)}
            {status !== 'refunded' && refundedMinor > 0 && (
              <>
                <br />
                {say('orders.refunded', { amount: formats.money(refundedMinor, currency) })}
              </>
            )}
          </small>
        </li>
      ))}
    </ul>
  )
}
