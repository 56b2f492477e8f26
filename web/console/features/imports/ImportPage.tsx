/** One import from its file to its result. The page shows the step that the program is at; earlier ones can be seen again. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { listMembers } from '#modules/desk/contract'
import { type ImportView, readImport } from '#modules/imports/contract'
import { keyOf, reading } from '#ui/queries.ts'
import { Chip } from '../../parts/Chip.tsx'
import { Dotted } from '../../parts/Dotted.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { PageHead } from '../../parts/PageHead.tsx'
import { Skeleton } from '../../parts/Skeleton.tsx'
import { useFormats, useMay } from '../../parts/session.ts'
import { useText } from '../../texts/texts.ts'
import { CancelImport } from './CancelImport.tsx'
import { Difference } from './Difference.tsx'
import css from './ImportPage.module.css'
import { Mapping } from './Mapping.tsx'
import { Result } from './Result.tsx'
import { Steps } from './Steps.tsx'
import { canCancel, isWorking, stepOf, tones } from './states.ts'
import { Upload } from './Upload.tsx'
import { useUpload } from './uploads.ts'
import { Writing } from './Writing.tsx'

const route = getRouteApi('/frame/imports/$importId')

export function ImportPage() {
  const { importId } = route.useParams()
  const navigate = useNavigate()
  const upload = useUpload(importId)
  const queries = useQueryClient()
  const one = useQuery({
    ...reading(readImport, { importId }),
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data && (isWorking(state.data.state) || (state.data.state === 'uploading' && !upload)) ? 500 : false,
  })
  const continuesAs = upload?.continuesAs
  useEffect(() => {
    if (continuesAs) void navigate({ to: '/imports/$importId', params: { importId: continuesAs }, replace: true })
  }, [continuesAs, navigate])
  const state = one.data?.state
  useEffect(() => {
    // What was written, or taken back, changes the member list.
    if (state === 'done' || state === 'undone') void queries.invalidateQueries({ queryKey: keyOf(listMembers) })
  }, [state, queries])

  if (one.isError && !one.data) {
    return (
      <>
        <Head />
        <Failure error={one.error} onRetry={() => void one.refetch()} />
      </>
    )
  }
  return one.data ? <Stood key={importId} one={one.data} /> : <Waiting />
}

function Stood({ one }: { one: ImportView }) {
  const { step } = route.useSearch()
  const navigate = route.useNavigate()
  const show = (next: string | undefined) => void navigate({ search: next ? { step: next } : {} })
  const { state } = one
  const atDifference = state === 'staged' && step === 'difference'
  return (
    <>
      <Head one={one} />
      <Steps now={atDifference ? 'difference' : stepOf(state)} finished={state === 'done' || state === 'undone'} />
      {state === 'uploading' || state === 'failed' ? (
        <Upload one={one} />
      ) : atDifference ? (
        <Difference one={one} onBack={() => show(undefined)} />
      ) : state === 'mapping' || state === 'staging' || state === 'staged' || state === 'cancelled' ? (
        <Mapping one={one} onNext={() => show('difference')} />
      ) : state === 'applying' || state === 'paused' ? (
        <Writing one={one} />
      ) : (
        <Result one={one} />
      )}
    </>
  )
}

function Head({ one }: { one?: ImportView }) {
  const say = useText()
  const formats = useFormats()
  const mayImport = useMay('imports.write')
  const [cancelling, setCancelling] = useState(false)
  const { file, counts } = one ?? {}
  return (
    <PageHead
      trail={[{ label: say('frame.imports'), to: '/imports' }]}
      title={one?.fileName ?? ' '}
      state={
        one && (
          <>
            <Chip tone={tones[one.state]}>{say(`importState.${one.state}`)}</Chip>{' '}
            <Dotted>
              {one.channel.name}
              {counts && say('imports.rows', { count: counts.rows })}
              {file?.encoding?.toUpperCase() ?? file?.format.toUpperCase()}
              {file && formats.bytes(file.bytes)}
            </Dotted>
          </>
        )
      }
      actions={
        one &&
        mayImport &&
        canCancel(one.state) && (
          <>
            <Button onClick={() => setCancelling(true)}>
              {say(one.state === 'applying' ? 'imports.stop' : 'imports.cancel')}
            </Button>
            {cancelling && <CancelImport one={one} onClose={() => setCancelling(false)} />}
          </>
        )
      }
    />
  )
}

function Waiting() {
  return (
    <>
      <Head />
      <div className={css.waiting} aria-busy="true">
        {[1, 2, 3, 4, 5, 6].map((row) => (
          <Skeleton key={row} width="70%" />
        ))}
      </div>
    </>
  )
}
