import type { Answer } from '../parts/ask.ts'
import { Button } from '../parts/Button.tsx'
import { Note } from '../parts/Note.tsx'
import { OrderRows } from '../parts/OrderRows.tsx'
import { Bones, Failed, Nothing } from '../parts/State.tsx'
import { usePages } from '../parts/usePages.ts'
import kanas from '../scenes/kanas.svg?url'
import { useProblem, useText } from '../texts/texts.ts'
import css from './Page.module.css'

export function Orders({ me }: { me: Answer<'readMe'> }) {
  const say = useText()
  const problem = useProblem()
  const { pages, isOpen, error, again, next, more, isBusy, failed } = usePages('readOrders')
  const orders = pages.flatMap((page) => page.orders)
  return (
    <>
      <h1 className={css.title}>{say('orders.title')}</h1>
      {isOpen ? (
        orders.length > 0 ? (
          <div className={css.panel}>
            <OrderRows orders={orders} timeZone={me.group.timeZone} />
          </div>
        ) : (
          <Nothing scene={kanas} title={say('orders.emptyTitle')}>
            {say('orders.empty')}
          </Nothing>
        )
      ) : error ? (
        <Failed error={error} again={again} />
      ) : (
        <Bones heights={[320]} />
      )}
      {failed !== null && <Note>{problem(failed)}</Note>}
      {next && (
        <div className={css.more}>
          <Button look="line" busy={isBusy} onClick={more}>
            {say('more')}
          </Button>
        </div>
      )}
    </>
  )
}
