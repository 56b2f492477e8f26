import { defineConfig } from 'vitest/config'

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
