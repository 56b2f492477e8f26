/** Builds the member centre into `dist/member`; in development it speaks to a running program through a proxy. */
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from '../compressed.ts'

const program = process.env.ROUNDTRIP_URL ?? 'http://localhost:3000'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/m/',
  plugins: [react(), compressed()],
  // The program puts a new value there in each answer.
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/member', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Landscapes are files of their own, kept by the browser; a script that carries them would come late.
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': program } },
})
