import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { validateRecord } from '../../../consumers/events/validate.ts'
import { bare, recordOf } from '../../support/events.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const pagesOf = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file))
const pages = [...pagesOf('docs/publishing'), ...pagesOf('publishers')]
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

test.each(pages)('every link of %s leads somewhere', (page) => {
  for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
    expect(existsSync(file), `${page} → ${target}`).toBe(true)
    if (anchor === undefined) continue
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))
    expect(headings, `${page} → ${target}`).toContain(anchor)
  }
})

const blocks = pages.flatMap((page) => [...read(page).matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!))

/** What an example of data alone is about. */
const typeOf = (data: object): string => ('fullname' in data ? 'erp.student.enrolled.v1' : 'erp.fees.assessed.v1')

test('every example of an event is one that can be published', () => {
  const examples = blocks.filter((text) => text.includes('"specversion"'))
  expect(examples.length).toBeGreaterThan(1)
  for (const text of examples) expect(validateRecord(recordOf(text)).kind, text).toBe('valid')
})

test('every example of data, those that the kits record too, is that of its type', () => {
  const recorded = ['enrolled.json', 'assessed.json'].map((file) => read(`publishers/${file}`))
  const examples = [...recorded, ...blocks.filter((text) => text.startsWith('{"student"'))]
  expect(examples.length).toBeGreaterThan(3)
  for (const text of examples) {
    const data = JSON.parse(text) as object
    expect(validateRecord(bare({ type: typeOf(data), data })), text).toMatchObject({ kind: 'valid', identifier: 'S-1' })
  }
})

test('publishers/README.md lists every kit and recipe, and each has a page', () => {
  const kits = readdirSync(join(ROOT, 'publishers')).filter((name) =>
    statSync(join(ROOT, 'publishers', name)).isDirectory(),
  )
  const listed = new Set(
    [...read('publishers/README.md').matchAll(/^\|.* \[([\w-]+)\]\(\1\)/gm)].map(([, name]) => name!),
  )
  expect([...listed].sort()).toEqual(kits.sort())
  for (const kit of kits) expect(existsSync(join(ROOT, 'publishers', kit, 'README.md')), kit).toBe(true)
})

test('every kit that uses librdkafka partitions like Java, and those that do are named', () => {
  const set = { python: 'murmur2_random', php: 'murmur2_random', dotnet: 'Partitioner.Murmur2Random' }
  const files = { python: 'publisher.py', php: 'publisher.php', dotnet: 'Program.cs' }
  for (const kit of ['python', 'php', 'dotnet'] as const)
    expect(read(join('publishers', kit, files[kit])), kit).toContain(set[kit])
})
