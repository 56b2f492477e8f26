import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyAppearance } from '#ui/appearance.ts'
import { preferredLanguage } from '#ui/languages.ts'
import '#ui/tokens.css'
import '#ui/base.css'
import { queries, router } from './app/router.tsx'
import { speak } from './texts/texts.ts'

applyAppearance()
await speak(preferredLanguage())

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
