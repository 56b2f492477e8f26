/** Which columns the list shows, and in which order. All of it by the keyboard too: Space chooses, Alt and arrows move. */
import { Button, Checkbox, Popover } from 'antd'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type MemberColumn, memberColumns } from '#modules/desk/contract'
import { Icon } from '#ui/icons.tsx'
import { useText } from '../../texts/texts.ts'
import css from './Columns.module.css'
import { columnNames } from './MemberTable.tsx'
import { usualColumns } from './views.ts'

export function Columns({
  chosen,
  onChoose,
}: {
  chosen: readonly MemberColumn[]
  onChoose: (columns: readonly MemberColumn[]) => void
}) {
  const say = useText()
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const close = () => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      arrow={false}
      destroyOnHidden
      content={<Choice chosen={chosen} onChoose={onChoose} onClose={close} />}
    >
      <Button
        ref={button}
        className={css.open ?? ''}
        icon={<Icon name="columns" size={15} />}
        aria-haspopup="dialog"
        aria-expanded={open}
      >
        {say('columns.choose')}
      </Button>
    </Popover>
  )
}

function Choice({
  chosen,
  onChoose,
  onClose,
}: {
  chosen: readonly MemberColumn[]
  onChoose: (columns: readonly MemberColumn[]) => void
  onClose: () => void
}) {
  const say = useText()
  const box = useRef<HTMLDivElement>(null)
  // What is not chosen keeps its place while this is open, so that nothing jumps from under the hand.
  const [order, setOrder] = useState<readonly MemberColumn[]>(() => [
    ...chosen,
    ...memberColumns.filter((column) => !chosen.includes(column)),
  ])
  const checkbox = (column: MemberColumn) => box.current?.querySelector<HTMLInputElement>(`[name="${column}"]`)
  // A popover is placed before it is shown, and only what is shown takes the focus.
  useEffect(() => {
    const shown = setTimeout(() => {
      if (!box.current?.contains(document.activeElement)) box.current?.querySelector<HTMLInputElement>('input')?.focus()
    }, 60)
    return () => clearTimeout(shown)
  }, [])

  // A row that changes its place in the page lets go of the focus.
  const moved = useRef<MemberColumn | null>(null)
  useLayoutEffect(() => {
    if (moved.current !== null) checkbox(moved.current)?.focus()
    moved.current = null
  })

  const move = (column: MemberColumn, by: 1 | -1) => {
    const from = order.indexOf(column)
    const to = from + by
    if (to < 0 || to >= order.length) return
    const moved = order.toSpliced(from, 1).toSpliced(to, 0, column)
    setOrder(moved)
    onChoose(moved.filter((each) => chosen.includes(each)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      onClose()
      return
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const column = (event.target as HTMLInputElement).name as MemberColumn
    if (step === 0 || !order.includes(column)) return
    event.preventDefault()
    if (!event.altKey) {
      checkbox(order[(order.indexOf(column) + step + order.length) % order.length]!)?.focus()
      return
    }
    moved.current = column
    move(column, step)
  }
  return (
    <div ref={box} role="dialog" aria-label={say('columns.choose')} className={css.choice} onKeyDown={onKeyDown}>
      <p>{say('columns.hint')}</p>
      <ul>
        {order.map((column, index) => {
          const name = say(columnNames[column])
          return (
            <li key={column}>
              <Checkbox
                name={column}
                aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
                checked={chosen.includes(column)}
                onChange={({ target }) =>
                  onChoose(order.filter((each) => (each === column ? target.checked : chosen.includes(each))))
                }
              >
                {name}
              </Checkbox>
              <Button
                size="small"
                type="text"
                icon={<Icon name="up" size={14} />}
                aria-label={say('columns.up', { name })}
                disabled={index === 0}
                onClick={() => move(column, -1)}
              />
              <Button
                size="small"
                type="text"
                icon={<Icon name="down" size={14} />}
                aria-label={say('columns.down', { name })}
                disabled={index === order.length - 1}
                onClick={() => move(column, 1)}
              />
            </li>
          )
        })}
      </ul>
      <Button
        size="small"
        type="text"
        onClick={() => {
          setOrder([...usualColumns, ...memberColumns.filter((column) => !usualColumns.includes(column))])
          onChoose(usualColumns)
        }}
      >
        {say('columns.usual')}
      </Button>
    </div>
  )
}
