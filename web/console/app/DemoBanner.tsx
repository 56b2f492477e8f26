/** Above every page while the program holds the demonstration group: what it is, and how it goes away. */
import { useQuery } from '@tanstack/react-query'
import { readDemonstration } from '#app/demonstration/contract'
import { reading } from '#ui/queries.ts'
import { useMay } from '../parts/session.ts'
import { useText } from '../texts/texts.ts'
import css from './DemoBanner.module.css'

/** Milliseconds until it is asked again: it fills while one looks, and somebody may clear it meanwhile. */
const pauses = { filling: 2_000, ready: 30_000, none: false } as const

export function DemoBanner() {
  const say = useText()
  const mayClear = useMay('demonstration.clear')
  const { data } = useQuery({
    ...reading(readDemonstration, {}),
    staleTime: 60_000,
    refetchInterval: ({ state }) => pauses[state.data?.state ?? 'none'],
  })
  if (!data || data.state === 'none') return null
  const { state, percent, members, orders, command } = data
  return (
    <aside className={css.banner} aria-label={say('demo.title')}>
      <strong>{say('demo.title')}</strong>
      {state === 'filling' ? (
        <span>{say('demo.filling', { percent })}</span>
      ) : (
        <>
          <span>{say('demo.ready', { members, orders })}</span>
          {mayClear && (
            <span className={css.clear}>
              {say('demo.clear')} <code>{command}</code>
            </span>
          )}
        </>
      )}
    </aside>
  )
}
