import { useEffect, useState } from 'react'

/** The value once it has rested, so that a search isn't sent for every letter. */
export function useLater<T>(value: T, milliseconds: number): T {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return rested
}
