/** The file is on its way, or did not arrive, or could not be read: how far, why, and the way on. */
import { useQueryClient } from '@tanstack/react-query'
import type { ImportView } from '#modules/imports/contract'
import { ProgressBar } from '../../parts/Bar.tsx'
import { Drop } from '../../parts/Drop.tsx'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import css from './Upload.module.css'
import { upload, useUpload } from './uploads.ts'

export function Upload({ one }: { one: ImportView }) {
  const say = useText()
  const formats = useFormats()
  const queries = useQueryClient()
  const mayImport = useMay('imports.write')
  const sending = useUpload(one.id)
  if (sending && !sending.problem) {
    const arrived = sending.sentBytes >= sending.ofBytes
    return (
      <div className={css.upload}>
        <h2>{say(arrived ? 'upload.reading' : 'upload.sending')}</h2>
        <ProgressBar done={sending.sentBytes} of={sending.ofBytes} label={say('upload.sending')} />
        <p className={css.numbers}>
          {formats.bytes(sending.sentBytes)} / {formats.bytes(sending.ofBytes)}
        </p>
        <p>{say('upload.mayLeave')}</p>
      </div>
    )
  }
  return (
    <div className={css.upload}>
      <h2>{say(one.error || sending?.problem ? 'upload.failed' : 'upload.interrupted')}</h2>
      {one.error ? (
        <p role="alert" className={css.reason}>
          {say.code('refusal', one.error.code, one.error.params) ?? one.error.message}
        </p>
      ) : (
        <ProblemNote error={sending?.problem} />
      )}
      {mayImport && (
        <>
          <p>{say('upload.again')}</p>
          <Drop onFile={(file) => upload(queries, one.id, file)} />
        </>
      )}
    </div>
  )
}
