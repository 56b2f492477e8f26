/**
 * Files on their way to the program. They live beside the pages, so that one may leave the page of an import while its
 * file is being sent, and come back to it.
 */
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { listImports, putImportFile, readImport } from '#modules/imports/contract'
import { type Problem, send } from '#ui/call.ts'
import { keyOf } from '#ui/queries.ts'

export interface Upload {
  sentBytes: number
  ofBytes: number
  problem: Problem | null
  /** The program knew this file: it had stopped in the middle of being applied, and goes on as that import. */
  continuesAs: string | null
  stop: () => void
}

const uploads = new Map<string, Upload>()
const listeners = new Set<() => void>()

function note(importId: string, upload: Upload | null): void {
  if (upload) uploads.set(importId, upload)
  else uploads.delete(importId)
  for (const listener of listeners) listener()
}

export function upload(queries: QueryClient, importId: string, file: File): void {
  const stopping = new AbortController()
  const begun: Upload = {
    sentBytes: 0,
    ofBytes: file.size,
    problem: null,
    continuesAs: null,
    stop: () => stopping.abort(),
  }
  note(importId, begun)
  addEventListener('beforeunload', askBeforeLeaving)
  send(putImportFile, { importId }, file, {
    signal: stopping.signal,
    onProgress: (sentBytes) => note(importId, { ...begun, sentBytes }),
  })
    .then(
      (view) => {
        queries.setQueryData(keyOf(readImport, { importId: view.id }), view)
        note(importId, view.id === importId ? null : { ...begun, continuesAs: view.id })
      },
      (error: unknown) => {
        note(importId, stopping.signal.aborted ? null : { ...begun, problem: error as Problem })
        void queries.invalidateQueries({ queryKey: keyOf(readImport, { importId }) })
      },
    )
    .finally(() => {
      const sending = [...uploads.values()].some(({ problem, continuesAs }) => !problem && !continuesAs)
      if (!sending) removeEventListener('beforeunload', askBeforeLeaving)
      void queries.invalidateQueries({ queryKey: keyOf(listImports) })
    })
}

export function useUpload(importId: string): Upload | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => uploads.get(importId) ?? null,
  )
}

/** Closing the window would stop the sending; the browser asks. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault()
}
