import type { Answer } from '../parts/ask.ts'
import { Card } from '../parts/Card.tsx'
import { Icon } from '../parts/Icon.tsx'
import { OrderRows } from '../parts/OrderRows.tsx'
import { Nothing } from '../parts/State.tsx'
import { Way } from '../parts/Way.tsx'
import wide from '../scenes/dali-wide.svg?url'
import kanas from '../scenes/kanas.svg?url'
import { type TextKey, useFormats, useText } from '../texts/texts.ts'
import css from './Home.module.css'
import page from './Page.module.css'

type Me = Answer<'readMe'>

/** From here on points are soon gone: the days in which a trip can still be booked with them. */
const soonMilliseconds = 60 * 86_400_000

function greeting(): TextKey {
  const hour = new Date().getHours()
  if (hour >= 5 && hour < 11) return 'greeting.morning'
  if (hour >= 11 && hour < 14) return 'greeting.noon'
  return hour >= 14 && hour < 18 ? 'greeting.afternoon' : 'greeting.evening'
}

export function Home({ me }: { me: Me }) {
  const say = useText()
  const name = me.givenName ?? me.name
  const hello = say(greeting())
  return (
    <div className={css.home}>
      <div className={css.sky}>
        <img src={wide} alt="" />
      </div>
      <div className={css.hello}>
        <h1>{name ? say('greeting.named', { name, greeting: hello }) : hello}</h1>
        <p>{say('home.lead')}</p>
        {!name && (
          <Way to="/profile">
            {say('home.sayName')}
            <Icon name="right" size={16} />
          </Way>
        )}
      </div>
      <div className={css.side}>
        <Card me={me} />
        <Sums me={me} />
      </div>
      <section className={css.orders}>
        <div className={page.head}>
          <h2>{say('orders.last')}</h2>
          {me.orders.count > me.orders.newest.length && (
            <Way to="/orders">
              {say('orders.all')}
              <Icon name="right" size={16} />
            </Way>
          )}
        </div>
        {me.orders.newest.length > 0 ? (
          <div className={page.panel}>
            <OrderRows orders={me.orders.newest} timeZone={me.group.timeZone} />
          </div>
        ) : (
          <Nothing scene={kanas} title={say('orders.emptyTitle')}>
            {say('orders.empty')}
          </Nothing>
        )}
      </section>
    </div>
  )
}

/** What is coming, what is going, what was ordered. */
function Sums({ me: { points, orders, group } }: { me: Me }) {
  const say = useText()
  const formats = useFormats(group.timeZone)
  const { nextExpiry, nextArrival } = points
  const isSoon = nextExpiry !== null && Date.parse(nextExpiry.at) - Date.now() < soonMilliseconds
  const last = orders.newest[0]
  return (
    <dl className={`${page.panel} ${css.sums}`}>
      <div>
        <dt>{say('sum.coming')}</dt>
        <dd>
          <b>{formats.number(points.pending)}</b>
          <small>
            {nextArrival ? say('sum.comingOn', { date: formats.shortDate(nextArrival.at) }) : say('sum.none')}
          </small>
        </dd>
      </div>
      <div>
        <dt>{say(isSoon ? 'sum.leaving' : 'sum.nextLeaving')}</dt>
        <dd>
          <b data-soon={isSoon || undefined}>{formats.number(nextExpiry?.amount ?? 0)}</b>
          <small>
            {nextExpiry ? formats.shortDate(new Date(Date.parse(nextExpiry.at) - 1).toISOString()) : say('sum.none')}
          </small>
        </dd>
      </div>
      <div>
        <dt>{say('sum.orders')}</dt>
        <dd>
          <b>{formats.number(orders.count)}</b>
          <small>{last ? say('sum.last', { date: formats.shortDate(last.orderedAt) }) : say('sum.none')}</small>
        </dd>
      </div>
    </dl>
  )
}
