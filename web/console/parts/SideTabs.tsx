/** Many tabs of one page: a list at the left, on narrow screens a row that scrolls. Arrows go from one to the next. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import css from './SideTabs.module.css'

export interface SideTab {
  key: string
  label: string
  children: ReactNode
}

export function SideTabs({
  label,
  tabs,
  chosen,
  onChoose,
}: {
  label: string
  tabs: readonly SideTab[]
  /** Key of the open tab; another opens the first. */
  chosen: string | undefined
  onChoose: (key: string) => void
}) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const open = tabs.find(({ key }) => key === chosen) ?? tabs[0]
  useEffect(() => {
    // Opened by its address, a tab may stand where the row has to be scrolled to.
    if (open)
      list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [open])
  if (!open) return null

  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.indexOf(open)
    const next = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1,
    }[event.key]
    const tab = next === undefined ? undefined : tabs.at(next % tabs.length)
    if (!tab) return
    event.preventDefault()
    onChoose(tab.key)
    list.current?.querySelector<HTMLElement>(`[data-key="${tab.key}"]`)?.focus()
  }
  return (
    <div className={css.sides}>
      <div ref={list} role="tablist" aria-label={label} className={css.list} onKeyDown={onKeyDown}>
        {tabs.map(({ key, label: name }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            data-key={key}
            aria-selected={key === open.key}
            aria-controls={`${id}-panel`}
            tabIndex={key === open.key ? 0 : -1}
            className={css.tab}
            onClick={() => onChoose(key)}
          >
            {name}
          </button>
        ))}
      </div>
      <div
        key={open.key}
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${open.key}`}
        className={css.panel}
      >
        {open.children}
      </div>
    </div>
  )
}
