import { useCallback, useSyncExternalStore } from 'react'

/** Whether the window is as the media query says. For what CSS alone can't lay out otherwise. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}

export const phone = '(max-width: 639px)'
