import { defineConfig } from 'vitest/config'

// Threads that imports and matching start read the program's files in a third of the time once they were read before.
process.env.NODE_COMPILE_CACHE ??= new URL('./node_modules/.cache/node', import.meta.url).pathname

export default defineConfig({
  test: {
    setupFiles: ['server/platform/testing-dice.ts'],
    globalSetup: ['server/platform/testing-setup.ts'],
    include: ['server/**/*.test.ts', 'bench/**/*.test.ts', 'web/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
