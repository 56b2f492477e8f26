/** Builds the console into `dist/console`; in development it speaks to a running program through a proxy. */
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressed } from '../compressed.ts'

const program = process.env.ROUNDTRIP_URL ?? 'http://localhost:3000'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  plugins: [react(), compressed()],
  // The program puts a new value there in each answer.
  html: { cspNonce: '__NONCE__' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      output: {
        advancedChunks: {
          // Evaluated before every schema: zod, and what forbids it to compile them by eval.
          groups: [{ name: 'schemas', test: /node_modules\/zod|no-eval/ }],
        },
      },
    },
  },
  server: { proxy: { '/api': program } },
})
