import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { validateRecord } from '../../../consumers/events/validate.ts'

const read = (name: string): string => readFileSync(new URL(`../../../publishers/${name}`, import.meta.url), 'utf8')

/** The data of a file as the kits make an event of it. */
const problemsOf = (type: string, file: string) => {
  const event = {
    specversion: '1.0',
    id: '1',
    source: '/erp/blr-01',
    type,
    time: '2026-06-01T10:00:00Z',
    sequence: '1',
  }
  const value = Buffer.from(JSON.stringify({ ...event, data: JSON.parse(read(file)) }))
  const found = validateRecord({ partition: 0, offset: 0, timestampMs: 0, key: null, value, headers: [] })
  return found.kind === 'invalid' ? found.problems : []
}

test.each(['curl', 'dotnet', 'java', 'php', 'python'])(
  'the page of the %s kit enrols a student before it assesses fees, with the sample files beside it',
  (kit) => {
    const page = read(`${kit}/README.md`)
    const recorded = [...page.matchAll(/record (\S+) S-1 < \.\.\/(\S+)/g)].map(([, type, file]) => [type, file])
    expect(recorded).toEqual([
      ['erp.student.enrolled.v1', 'enrolled.json'],
      ['erp.fees.assessed.v1', 'assessed.json'],
    ])
    for (const [type, file] of recorded) expect(problemsOf(type!, file!)).toEqual([])
  },
)
