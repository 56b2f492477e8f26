import { useState } from 'react'

/** Puts a text on the clipboard. Over plain http the browser keeps its clipboard closed, and selecting still works. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  document.body.append(field)
  field.select()
  document.execCommand('copy')
  field.remove()
}

export function useCopy(text: string): { copied: boolean; copy: () => void } {
  const [copied, setCopied] = useState(false)
  return { copied, copy: () => void copy(text).then(() => setCopied(true)) }
}
