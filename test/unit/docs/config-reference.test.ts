import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { fileSchema } from '../../../src/config/schema.ts'

type Def = {
  readonly type: string
  readonly innerType?: z.core.$ZodType
  readonly shape?: Record<string, z.core.$ZodType>
  readonly element?: z.core.$ZodType
  readonly defaultValue?: unknown
}
const defOf = (schema: z.core.$ZodType) => schema._zod.def as unknown as Def

/** Every leaf of the schema with its default as the page writes it; a branch's ERP has the group's keys. */
const leaves = (schema: z.core.$ZodType, path: string, fallback: string): readonly (readonly [string, string])[] => {
  const { type, innerType, shape, element, defaultValue } = defOf(schema)
  if (path === 'branches[].erp') return [[path, '–']]
  if (type === 'default') {
    const text = typeof defaultValue === 'object' ? JSON.stringify(defaultValue) : String(defaultValue)
    return leaves(innerType!, path, `\`${text}\``)
  }
  if (type === 'optional') return leaves(innerType!, path, '–')
  if (innerType !== undefined) return leaves(innerType, path, fallback)
  if (shape !== undefined) {
    return Object.entries(shape).flatMap(([key, value]) =>
      leaves(value, path === '' ? key : `${path}.${key}`, 'required'),
    )
  }
  if (element === undefined) return [[path, fallback]]
  return leaves(element, `${path}[]`, fallback)
}

test('docs/configuration.md has every key with its default, and no other', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const file = page.slice(page.indexOf('## The file'), page.indexOf('## The environment'))
  const rows = [...file.matchAll(/^\| `([^`]+)` \| (required|–|`[^`]+`) \| .+ \|$/gm)].map(([, key, value]) => [
    key,
    value,
  ])
  const schema = fileSchema({ env: {}, readFile: () => '' })
  expect(rows).toEqual(leaves(schema, '', 'required'))
})

test('docs/configuration.md has every variable that is read, and no other', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const section = page.slice(page.indexOf('## The environment'), page.indexOf('## Bounds'))
  const told = [...section.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', '))
  const folder = new URL('../../../src/config/', import.meta.url)
  const source = readdirSync(folder)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
  const read = source.matchAll(/'((?:KAFKA|REDIS|PULLGATE|LOG|METRICS|OTEL)_[A-Z_]+|HOST|PORT)'/g)
  expect(told.sort()).toEqual([...new Set([...read].map(([, name]) => name))].sort())
})
