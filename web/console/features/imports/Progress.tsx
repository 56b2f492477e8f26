/** How far the work on an import has come, with numbers and the time that is left. */
import { useEffect, useRef, useState } from 'react'
import type { ImportView } from '#modules/imports/contract'
import { ProgressBar } from '../../parts/Bar.tsx'
import { useFormats } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Progress.module.css'

export function Progress({ one }: { one: ImportView }) {
  const say = useText()
  const formats = useFormats()
  const { progress } = one
  const left = useTimeLeft(progress)
  if (!progress) return <p className={css.numbers}>{say('progress.beginning')}</p>
  const written = progress.unit === 'bytes' ? formats.bytes : formats.number
  return (
    <div>
      <ProgressBar done={progress.done} of={progress.of} label={say.code('step', progress.step) ?? progress.step} />
      <p className={css.numbers}>
        <span>
          {say.code('step', progress.step) ?? progress.step} {written(progress.done)} / {written(progress.of)}
        </span>
        <span>{left !== null && say('progress.left', { time: formats.duration(left) })}</span>
      </p>
    </div>
  )
}

/** Seconds left at the speed since this step was first seen; null until that can be said. */
function useTimeLeft(progress: ImportView['progress']): number | null {
  const begun = useRef<{ step: string; at: number; done: number } | null>(null)
  const [left, setLeft] = useState<number | null>(null)
  useEffect(() => {
    if (!progress) return
    const now = performance.now()
    if (begun.current?.step !== progress.step) {
      begun.current = { step: progress.step, at: now, done: progress.done }
      setLeft(null)
      return
    }
    const seconds = (now - begun.current.at) / 1000
    const done = progress.done - begun.current.done
    if (seconds > 2 && done > 0) setLeft(Math.ceil(((progress.of - progress.done) * seconds) / done))
  }, [progress])
  return left
}
