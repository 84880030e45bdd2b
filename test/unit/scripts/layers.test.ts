import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const LAYERS = fileURLToPath(new URL('../../../scripts/layers.ts', import.meta.url))

/** Whether a tree with this one file is in order. */
const isAllowed = (file: string, line: string): boolean => {
  const root = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
  try {
    mkdirSync(join(root, dirname(file)), { recursive: true })
    writeFileSync(join(root, file), `${line}\n`)
    return spawnSync(process.execPath, [LAYERS], { cwd: root }).status === 0
  } finally {
    rmSync(root, { recursive: true })
  }
}

test.each([
  ['projections/a.ts', `import { b } from './b.ts'`],
  ['projections/a.ts', `import { z } from 'zod'`],
  ['consumers/a.ts', `import { b } from '../projections/b.ts'`],
  ['src/kafka/a.ts', `import { Kafka } from 'kafkajs'`],
  ['src/a.ts', `import { b } from '../consumers/b.ts'`],
  ['src/redis/a.ts', `import { Redis } from 'ioredis'`],
  ['src/config/a.ts', 'export const home = process.env.HOME'],
])('%s may say: %s', (file, line) => {
  expect(isAllowed(file, line)).toBe(true)
})

test.each([
  ['projections/a.ts', `import { readFileSync } from 'node:fs'`],
  ['projections/a.ts', `import { b } from '../consumers/b.ts'`],
  ['projections/a.ts', `import pino from 'pino'`],
  ['projections/a.ts', `export * from '../src/b.ts'`],
  ['projections/a.ts', `const fs = await import('node:fs')`],
  ['consumers/a.ts', `import { b } from '../src/b.ts'`],
  ['consumers/a.ts', `import type { B } from '../src/b.ts'`],
  ['consumers/a.ts', `import { Kafka } from 'kafkajs'`],
  ['consumers/a.ts', `import { Redis } from 'ioredis'`],
  ['src/a.ts', `import { Kafka } from 'kafkajs'`],
  ['src/a.ts', `import { Redis } from 'ioredis'`],
  ['src/a.ts', `import { b } from '../test/b.ts'`],
  ['src/http/a.ts', 'export const home = process.env.HOME'],
])('%s may not say: %s', (file, line) => {
  expect(isAllowed(file, line)).toBe(false)
})
