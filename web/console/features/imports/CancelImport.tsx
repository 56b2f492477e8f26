import { Button, Modal } from 'antd'
import { cancelImport, type ImportView, listImports, readImport } from '#modules/imports/contract'
import { keyOf } from '#ui/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useAct } from '../../parts/useAct.ts'
import { useText } from '../../texts/texts.ts'
import { useUpload } from './uploads.ts'

/** Stops an import: before anything is written it is dropped, in the middle it stays where it is. */
export function CancelImport({ one, onClose }: { one: ImportView; onClose: () => void }) {
  const say = useText()
  const upload = useUpload(one.id)
  const cancelling = useAct(cancelImport, {
    changes: [keyOf(readImport, { importId: one.id }), keyOf(listImports)],
    onDone: onClose,
  })
  const writing = one.state === 'applying'
  return (
    <Modal
      open
      title={say(writing ? 'cancelImport.stopTitle' : 'cancelImport.dropTitle')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say('cancelImport.goOn')}</Button>
          <Button
            type="primary"
            danger={!writing}
            loading={cancelling.isPending}
            onClick={() => {
              upload?.stop()
              cancelling.mutate({ importId: one.id })
            }}
          >
            {say(writing ? 'imports.stop' : 'imports.cancel')}
          </Button>
        </>
      }
    >
      <p>{say(writing ? 'cancelImport.stopEffect' : 'cancelImport.dropEffect')}</p>
      <ProblemNote error={cancelling.error} />
    </Modal>
  )
}
