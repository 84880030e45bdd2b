import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // Real servers on a shared two-core machine: a hiccup of the machine is no failure, a bug fails three times.
    retry: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
