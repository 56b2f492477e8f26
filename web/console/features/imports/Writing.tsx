/** Rows are being written into the member pool, or stopped in the middle: what is safe, and how to go on. */
import { Button } from 'antd'
import { useState } from 'react'
import { applyImport, type ImportView, listImports, readImport } from '#modules/imports/contract'
import { Icon } from '#ui/icons.tsx'
import { keyOf } from '#ui/queries.ts'
import { ProgressBar } from '../../parts/Bar.tsx'
import { LinkButton } from '../../parts/LinkButton.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useMay } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { Progress } from './Progress.tsx'
import { UndoImport } from './UndoImport.tsx'
import css from './Writing.module.css'

export function Writing({ one }: { one: ImportView }) {
  return <div className={css.writing}>{one.state === 'applying' ? <Applying one={one} /> : <Paused one={one} />}</div>
}

function Applying({ one }: { one: ImportView }) {
  const say = useText()
  return (
    <>
      <h2>{say('writing.title')}</h2>
      <Progress one={one} />
      <p>{say('writing.mayLeave')}</p>
      <LinkButton to="/imports">{say('writing.leave')}</LinkButton>
    </>
  )
}

function Paused({ one }: { one: ImportView }) {
  const say = useText()
  const mayImport = useMay('imports.write')
  const mayUndo = useMay('imports.undo')
  const [undoing, setUndoing] = useState(false)
  const continuing = useAct(applyImport, { changes: [keyOf(readImport, { importId: one.id }), keyOf(listImports)] })
  const { progress, error } = one
  return (
    <>
      <div className={css.stopped}>
        <span className={css.sign} data-bad={error !== null || undefined}>
          <Icon name={error ? 'alert' : 'pause'} size={20} />
        </span>
        <div>
          <h2>{progress ? say('writing.stoppedAt', { row: progress.done }) : say('writing.stopped')}</h2>
          <p>{say('writing.safe')}</p>
          {error && <p>{say.code('refusal', error.code, error.params) ?? error.message}</p>}
        </div>
      </div>
      {progress && <ProgressBar done={progress.done} of={progress.of} label={say('writing.stopped')} />}
      <ProblemNote error={continuing.error} />
      <div className={css.acts}>
        {mayImport && (
          <Button type="primary" loading={continuing.isPending} onClick={() => continuing.mutate({ importId: one.id })}>
            {progress ? say('writing.continueFrom', { row: progress.done + 1 }) : say('writing.continue')}
          </Button>
        )}
        {mayUndo && <Button onClick={() => setUndoing(true)}>{say('undo.open')}</Button>}
      </div>
      {undoing && <UndoImport one={one} onClose={() => setUndoing(false)} />}
    </>
  )
}
