import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { differencesOf } from '../../../../src/audit/bodies.ts'
import type { Compared } from '../../../../src/audit/compare-student.ts'
import { allStudents, sampleOf } from '../../../../src/audit/sample.ts'
import { pacer } from '../../../../src/cli/audit/options.ts'
import { counter, writeMetrics } from '../../../../src/cli/audit/report.ts'
import { openState } from '../../../../src/cli/audit/state-file.ts'
import { durationOf, lineOf, progress } from '../../../../src/cli/command/progress.ts'
import { studentBody } from '../../../support/fake-erp-students.ts'

const said = (body: object, status: 200 | 422 = 200) => ({ status, body: JSON.stringify(body) })
const body = (change: (body: ReturnType<typeof studentBody>) => void = () => {}) => {
  const one = structuredClone(studentBody({ identifier: 'S-1' }))
  change(one)
  return said(one)
}

describe('two answers', () => {
  test.each([
    [
      'ids and years are numbers',
      body((one) => Object.assign(one.data.student, { grade: 5, academic_year_start: 2026 })),
    ],
    ['the ERP says more', body((one) => Object.assign(one.data, { house: 'blue' }))],
    ['an optional field is null', body((one) => Object.assign(one.data, { user: null }))],
    [
      'money has the noise of floating point',
      body((one) => Object.assign(one.data.fee_components[0]!, { fee_amount: 10_000.000000001 })),
    ],
    [
      'a paid detail is listed at 0',
      body((one) => one.data.payment_schedule[0]!.details.push({ component_type: 'BUS', amount: 0 })),
    ],
  ])('are the same where %s', (_, erp) => {
    expect(differencesOf(body(), erp)).toEqual([])
  })

  test('differ in each field by its name', () => {
    const erp = body((one) => {
      Object.assign(one.data.student, { fullname: 'Asha R.', date_of_birth: null })
      one.data.fee_components[0]!.fee_amount = 9999.99
    })
    expect(differencesOf(body(), erp)).toEqual([
      { field: 'student.fullname', projection: 'Asha Rao', erp: 'Asha R.' },
      { field: 'student.date_of_birth', projection: '2015-04-17', erp: null },
      { field: 'fee_components[TUITION_FEE]', projection: 10_000, erp: 9999.99 },
    ])
  })

  test('that refuse are compared by their code, not their words', () => {
    const left = (message: string, code: string) => said({ status: 'error', message, code }, 422)
    expect(differencesOf(left('a', 'student_discontinued'), left('b', 'student_discontinued'))).toEqual([])
    expect(differencesOf(left('a', 'student_discontinued'), left('a', 'student_not_found'))).toHaveLength(1)
    expect(differencesOf(body(), left('a', 'student_not_found'))[0]).toMatchObject({ field: 'status' })
  })
})

const compared = (identifier: string, outcome: Compared['outcome']): Compared => ({
  identifier,
  lookup: { identifier },
  erp: 'group',
  outcome,
  differences: [],
  said: '200',
})

describe('the files of a walk', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pullgate-state-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('a state goes on behind what is done, after a line that was cut short too', () => {
    const file = join(folder, 'state')
    const first = openState(file, 'audit all')
    first.add('S-1', [compared('S-1', 'same')])
    first.add('S-2', [compared('S-2', 'unasked')])
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"identifier":"S-3","comp`)
    const second = openState(file, 'audit all')
    expect([...second.done.keys()], 'whom no ERP has answered for is asked again').toEqual(['S-1'])
    second.add('S-4', [compared('S-4', 'same')])
    expect([...openState(file, 'audit all').done.keys()]).toEqual(['S-1', 'S-4'])
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  test('a state of another walk is refused', () => {
    const file = join(folder, 'state')
    openState(file, 'audit all').add('S-1', [compared('S-1', 'same')])
    expect(() => openState(file, 'audit 10')).toThrow(/is not the state of this very command/)
    expect(() => openState(folder, 'audit all')).toThrow(/cannot be read: EISDIR/)
  })

  test('the metrics name ERPs by their labels and every outcome', () => {
    const results = counter()
    results.add(compared('S-1', 'differs'))
    const file = join(folder, 'pullgate.prom')
    writeMetrics(file, results.counts(), 1_780_000_000_000)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('pullgate_audit_enrolments{erp="group",outcome="differs"} 1\n')
    expect(text).toContain('pullgate_audit_enrolments{erp="group",outcome="same"} 0\n')
    expect(text).not.toContain('S-1')
    expect(() => writeMetrics(join(folder, 'no', 'x'), results.counts(), 0)).toThrow(/cannot be written/)
  })
})

test('requests are spaced evenly, whoever asks', async () => {
  let nowMs = 0
  const waits: number[] = []
  const turn = pacer(
    10,
    () => nowMs,
    async (ms) => waits.push(ms),
  )
  await Promise.all([turn(), turn(), turn()])
  expect(waits).toEqual([100, 200])
  nowMs = 1000
  await turn()
  expect(waits, 'time that nobody used is not made up for').toEqual([100, 200])
})

test('a sample is drawn by lot, the same under the same seed, each student once', async () => {
  const page = Array.from({ length: 50 }, (_, index) => ({ partition: 0, identifier: `S-${index}` as StudentId }))
  const admin = {
    students: async (_: number, cursor: string | null) =>
      cursor === null ? { students: page.slice(0, 30), next: 'more' } : { students: page.slice(20), next: null },
  }
  const draw = (seed: string) => sampleOf(allStudents(admin, 1), 10, seed)
  const drawn = await draw('a')
  expect(new Set(drawn).size).toBe(10)
  expect(await draw('a')).toEqual(drawn)
  expect(await draw('b')).not.toEqual(drawn)
  expect((await sampleOf(allStudents(admin, 1), 99, 'a')).length).toBe(50)
})

describe('progress', () => {
  test('is shown on a terminal only, and taken away at the end', () => {
    const shown = (isTTY: boolean): string => {
      let text = ''
      let nowMs = 0
      const bar = progress('reading', { isTTY, write: (part) => (text += part) }, () => nowMs)
      nowMs = 1000
      bar.at(500, 1000)
      bar.end()
      return text
    }
    expect(shown(false)).toBe('')
    expect(shown(true)).toMatch(/^\rreading .*50 %.*500\/s.*ETA 1 s.*\r/)
  })

  test('has a rate without a total', () => {
    expect(lineOf('reading', 3000, undefined, 2)).toBe('reading  3,000 so far  1,500/s')
  })

  test.each([
    [5, '5 s'],
    [65, '1 min 5 s'],
    [7300, '2 h 1 min'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(durationOf(seconds)).toBe(text)
  })
})
