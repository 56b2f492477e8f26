import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyAppearance } from '#ui/appearance.ts'
import '#ui/tokens.css'
import '#ui/base.css'
import './member.css'
import { App } from './app/App.tsx'

applyAppearance()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
