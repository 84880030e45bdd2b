import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const LAYERS = fileURLToPath(new URL('../../../scripts/layers.ts', import.meta.url))

/** Whether a tree of these files, each with one line, is in order. */
const isAllowed = (tree: Readonly<Record<string, string>>): boolean => {
  const root = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
  try {
    for (const [file, line] of Object.entries(tree)) {
      mkdirSync(join(root, dirname(file)), { recursive: true })
      writeFileSync(join(root, file), `${line}\n`)
    }
    return spawnSync(process.execPath, [LAYERS], { cwd: root }).status === 0
  } finally {
    rmSync(root, { recursive: true })
  }
}

test.each([
  ['projections/events/a.ts', `import { b } from './b.ts'`],
  ['projections/events/a.ts', `import { b } from '../values/b.ts'`],
  ['projections/events/a.ts', `import { z } from 'zod'`],
  ['consumers/ports/a.ts', `import { b } from '../../projections/state/b.ts'`],
  ['src/cli/dlq/a.ts', `import { b } from '../command/b.ts'`],
  ['src/kafka/a.ts', `import { Kafka } from 'kafkajs'`],
  ['src/pull/a.ts', `import { b } from '../../consumers/stored/b.ts'`],
  ['src/redis/a.ts', `import { Redis } from 'ioredis'`],
  ['src/config/a.ts', 'export const home = process.env.HOME'],
  ['src/cli/command/output.ts', `process.stdout.write('x')`],
])('%s may say: %s', (file, line) => {
  expect(isAllowed({ [file]: line })).toBe(true)
})

test.each([
  ['src/cli/dlq/a.ts', `process.stdout.write('x')`],
  ['src/cli/a.ts', `console.log('x')`],
  ['src/roles/a.ts', `const { write } = process.stderr`],
  ['src/cli/a.ts', `writeSync(1, 'x')`],
  ['projections/events/a.ts', `import { readFileSync } from 'node:fs'`],
  ['projections/events/a.ts', `import { b } from '../../consumers/ports/b.ts'`],
  ['projections/events/a.ts', `import { b } from '../fees/b.ts'`],
  ['projections/events/a.ts', `import pino from 'pino'`],
  ['projections/events/a.ts', `export * from '../../src/b.ts'`],
  ['projections/events/a.ts', `const fs = await import('node:fs')`],
  ['projections/a.ts', `export const a = 1`],
  ['consumers/ports/a.ts', `import { b } from '../../src/b.ts'`],
  ['consumers/ports/a.ts', `import type { B } from '../../src/b.ts'`],
  ['consumers/ports/a.ts', `import type { B } from '../projector/b.ts'`],
  ['consumers/projector/a.ts', `import { Kafka } from 'kafkajs'`],
  ['consumers/projector/a.ts', `import { Redis } from 'ioredis'`],
  ['src/a.ts', `import { Kafka } from 'kafkajs'`],
  ['src/a.ts', `import { Redis } from 'ioredis'`],
  ['src/a.ts', `import { b } from '../test/b.ts'`],
  ['src/config/a.ts', `import { b } from '../http/b.ts'`],
  ['src/http/a.ts', `import { b } from '../ingest/b.ts'`],
  ['src/redis/a.ts', `import type { B } from '../rebuild/b.ts'`],
  ['src/audit/a.ts', `import { b } from '../cli/b.ts'`],
  ['src/http/a.ts', 'export const home = process.env.HOME'],
])('%s may not say: %s', (file, line) => {
  expect(isAllowed({ [file]: line })).toBe(false)
})

test.each([
  [
    'files, by a type alone',
    {
      'src/http/a.ts': `import type { B } from './b.ts'`,
      'src/http/b.ts': `import { a } from './a.ts'`,
    },
  ],
  [
    'folders, whose files make none',
    {
      'src/cli/dlq/a.ts': `import { b } from '../events/b.ts'`,
      'src/cli/dlq/c.ts': 'export const c = 1',
      'src/cli/events/b.ts': 'export const b = 1',
      'src/cli/events/d.ts': `import { c } from '../dlq/c.ts'`,
    },
  ],
])('a circle of %s is refused', (_, tree) => {
  expect(isAllowed(tree)).toBe(false)
})
