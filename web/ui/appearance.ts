/** Light or dark: chosen by the person, else as the system has it. Set on <html>, where `tokens.css` reads it. */
import { useSyncExternalStore } from 'react'

export type Appearance = 'light' | 'dark'

const kept = 'roundtrip.appearance'
const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

function inForce(): Appearance {
  const chosen = localStorage.getItem(kept)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return system.matches ? 'dark' : 'light'
}

function apply(): void {
  document.documentElement.dataset.theme = inForce()
  for (const listener of listeners) listener()
}

export function applyAppearance(): void {
  apply()
  system.addEventListener('change', apply)
}

export function useAppearance(): [Appearance, (appearance: Appearance) => void] {
  const appearance = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, inForce)
  const choose = (chosen: Appearance) => {
    localStorage.setItem(kept, chosen)
    apply()
  }
  return [appearance, choose]
}
