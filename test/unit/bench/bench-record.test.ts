import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Part, writeRecord } from '../../../bench/record.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pullgate-bench-'))
})
afterEach(() => rm(folder, { recursive: true }))

const ORDER = ['read', 'apply']
const VERSIONS = { Pullgate: '1.0.0' }

const part = (title: string, figure: number): Part => ({
  command: `bench ${title}`,
  at: '2026-01-01T00:00:00.000Z',
  sections: [{ title, method: 'Twice.', header: ['a'], rows: [['b']], findings: [], figures: { [title]: figure } }],
})

const written = async () => ({
  text: await readFile(join(folder, 'b.md'), 'utf8'),
  figures: JSON.parse(await readFile(join(folder, 'b.json'), 'utf8')).figures,
})

const write = (parts: Record<string, Part>, versions = VERSIONS) =>
  writeRecord(join(folder, 'b'), ORDER, versions, parts)

test('a part that is measured again takes the place of the former one, the others stay', async () => {
  await write({ apply: part('Applying', 1), read: part('Reading', 2) })
  await write({ apply: part('Applying', 3) })
  const { text, figures } = await written()
  expect(figures).toEqual({ Reading: 2, Applying: 3 })
  expect(text.match(/^## .*$/gm)).toEqual(['## Reading', '## Applying'])
  expect(text).toContain('Measured by `bench Applying` at 2026-01-01T00:00:00.000Z.')
})

test('parts of other versions do not stay', async () => {
  await write({ read: part('Reading', 2) })
  await write({ apply: part('Applying', 3) }, { Pullgate: '2.0.0' })
  expect((await written()).figures).toEqual({ Applying: 3 })
})
