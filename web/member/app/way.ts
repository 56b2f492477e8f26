/** Where the reader is: the address below `/m`, and moving on without loading the page anew. */
import { useSyncExternalStore } from 'react'

const base = '/m'
const moved = 'roundtrip.moved'

const path = () => location.pathname.slice(base.length).replace(/\/+$/, '') || '/'

export const hrefOf = (to: string) => base + to

export function go(to: string): void {
  history.pushState(null, '', hrefOf(to))
  dispatchEvent(new Event(moved))
  scrollTo(0, 0)
}

export function usePath(): string {
  return useSyncExternalStore((listener) => {
    addEventListener('popstate', listener)
    addEventListener(moved, listener)
    return () => {
      removeEventListener('popstate', listener)
      removeEventListener(moved, listener)
    }
  }, path)
}
