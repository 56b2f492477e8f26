import '#ui/no-eval.ts'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyAppearance } from '#ui/appearance.ts'
import { preferredLanguage } from '#ui/languages.ts'
import { markStyles } from '#ui/nonce.ts'
import '#ui/tokens.css'
import '#ui/base.css'
import { queries, router } from './app/router.tsx'
import { speak } from './texts/texts.ts'

// A page that stood open while the program was updated asks for scripts that are gone: it begins anew, once.
addEventListener('vite:preloadError', () => {
  const last = Number(sessionStorage.getItem('roundtrip.reloaded'))
  if (Date.now() - last < 60_000) return
  sessionStorage.setItem('roundtrip.reloaded', String(Date.now()))
  location.reload()
})
markStyles()
applyAppearance()
await speak(preferredLanguage())

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
