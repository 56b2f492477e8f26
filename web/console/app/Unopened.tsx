import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { Failure } from '../parts/Failure.tsx'

/** In place of a page that could not be opened at all. */
export function Unopened({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <Failure
      error={error}
      onRetry={() => {
        reset()
        void router.invalidate()
      }}
    />
  )
}
