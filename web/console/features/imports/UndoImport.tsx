/** Takes a whole import back. The numbers are shown first and stand on the button. */
import { useQuery } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { type ImportView, listImports, readImport, undoImport, undoPreview } from '#modules/imports/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats } from '../../parts/session.ts'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import css from './UndoImport.module.css'

export function UndoImport({ one, onClose }: { one: ImportView; onClose: () => void }) {
  const say = useText()
  const formats = useFormats()
  const preview = useQuery({ ...reading(undoPreview, { importId: one.id }), staleTime: 0, gcTime: 0 })
  const undoing = useAct(undoImport, {
    changes: [keyOf(readImport, { importId: one.id }), keyOf(listImports)],
    onDone: onClose,
  })
  const numbers = preview.data
  const withdrawn = numbers ? numbers.recordsWithdrawn + numbers.ordersWithdrawn : 0
  const lines = numbers
    ? ([
        ['undo.recordsWithdrawn', numbers.recordsWithdrawn],
        ['undo.recordsKept', numbers.recordsKept],
        ['undo.recordsRestored', numbers.recordsRestored],
        ['undo.ordersWithdrawn', numbers.ordersWithdrawn],
        ['undo.ordersRestored', numbers.ordersRestored],
        ['undo.membersTouched', numbers.membersTouched],
        ['undo.pointsEarned', numbers.pointsEarned],
      ] as const)
    : []
  return (
    <Modal
      open
      title={say('undo.title', { file: one.fileName })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('undo.keep')}</Button>
          <Button
            type="primary"
            danger
            disabled={!numbers}
            loading={undoing.isPending}
            onClick={() => undoing.mutate({ importId: one.id })}
          >
            {withdrawn > 0 ? say('undo.act', { count: withdrawn }) : say('undo.open')}
          </Button>
        </>
      }
    >
      <dl className={css.numbers} aria-busy={!numbers}>
        {preview.isPending && [1, 2, 3, 4].map((row) => <Skeleton key={row} width="80%" height={16} />)}
        {lines.map(
          ([name, n]) =>
            n > 0 && (
              <div key={name}>
                <dt>{say(name)}</dt>
                <dd>{formats.number(n)}</dd>
              </div>
            ),
        )}
        {numbers && lines.every(([, n]) => n === 0) && <p>{say('undo.nothing')}</p>}
      </dl>
      <p className={css.effect}>{say('undo.effect')}</p>
      <ProblemNote error={preview.error ?? undoing.error} />
    </Modal>
  )
}
