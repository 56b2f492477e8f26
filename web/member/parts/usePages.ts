/** A list that goes on: the first page is read again each time it is opened, later ones are added on demand. */
import { useState } from 'react'
import { type Answer, type Asked, ask, useAnswer } from './ask.ts'

type Listed = 'readEntries' | 'readOrders'

export function usePages<N extends Listed>(name: N, limit = 30) {
  const first = useAnswer(name, { limit } as Asked<N>)
  const [later, setLater] = useState<Answer<N>[]>([])
  const [isBusy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const last = later.at(-1) ?? first.data
  return {
    pages: first.data ? [first.data, ...later] : [],
    isOpen: first.data !== undefined,
    error: first.error,
    again: first.again,
    next: last?.next ?? null,
    isBusy,
    failed,
    more: async () => {
      setBusy(true)
      setFailed(null)
      try {
        const page = await ask(name, { before: last?.next, limit } as Asked<N>)
        setLater((pages) => [...pages, page])
      } catch (error) {
        setFailed(error)
      } finally {
        setBusy(false)
      }
    },
  }
}
