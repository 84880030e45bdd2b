import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../support/program.ts'
import { RECORDING_PARTITIONS, type RecordingSchool, schoolOnFile, schoolOnKafka } from '../support/recording-school.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

describe.each([
  ['Kafka and Redis', schoolOnKafka],
  ['one file', schoolOnFile],
])('"totals" on %s', { timeout: 240_000 }, (_, open) => {
  let school: RecordingSchool
  let running: Running
  let folder: string

  const checked = async (...lines: string[]) => {
    const file = join(folder, 'totals.csv')
    await writeFile(file, ['collector_code,academic_year_start,students,payable', ...lines, ''].join('\n'))
    return school.program.run(['totals', '--check', file, '--json'])
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pullgate-totals-'))
    school = await open()
    running = await school.program.start('all')
    const pupil = publisher(school.topic, RECORDING_PARTITIONS)
    const ids = Array.from({ length: 20 }, (_, index) => `S-${index}`)
    await school.publish(ids.flatMap((id) => [pupil.enrolled(id), pupil.assessed(id, 100.25)]))
    await school.publish([
      pupil.paid('S-0', 'p', 50),
      pupil.event('S-1', 'erp.student.discontinued.v1', {}),
      pupil.enrolled('unassessed'),
    ])
    await until('it answers', async () => (await school.pull(running.url, { identifier: 'S-0' })).status === 200)
  })
  afterAll(async () => {
    await school.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('counts active, coherent enrolments by branch and year', async () => {
    const ended = await school.program.run(['totals', '--json'])
    expect(ended.code).toBe(0)
    expect(JSON.parse(ended.stdout)).toEqual([
      { collector_code: 'BLR-01', academic_year_start: '2026', students: 19, payable: 1854.75 },
    ])
    expect(ended.stderr).toContain('every partition proven')
    expect(ended.stderr).toContain('1 active enrolment is not coherent')
    expect((await school.program.run(['totals'])).stdout).toBe('BLR-01  2026  19 students  1854.75\n')
  })

  it('is the same as a file that says so, and differs from any other', async () => {
    expect((await checked('BLR-01,2026,19,1854.75')).code).toBe(0)
    for (const lines of [
      ['BLR-01,2026,19,1854.74'],
      ['BLR-01,2026,20,1854.75'],
      [],
      ['BLR-01,2026,19,1854.75', 'MYS-02,2026,1,5'],
    ])
      expect((await checked(...lines)).code).toBe(1)
    const differing = JSON.parse((await checked('"BLR-01",2026,19,1854.75', ',2026,1,5.5')).stdout)
    expect(differing).toEqual([
      {
        collector_code: 'BLR-01',
        academic_year_start: '2026',
        students: 19,
        payable: 1854.75,
        expected: { students: 19, payable: 1854.75 },
        same: true,
      },
      {
        collector_code: null,
        academic_year_start: '2026',
        students: 0,
        payable: 0,
        expected: { students: 1, payable: 5.5 },
        same: false,
      },
    ])
  })

  it('says which line of a file is wrong', async () => {
    for (const line of ['BLR-01,2026,x,1', 'BLR-01,2026,1', 'BLR-01,2026,1,1.005', 'BLR-01,,1,1']) {
      const ended = await checked(line)
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(ended.stderr).toContain('totals.csv:2: ')
    }
    expect((await school.program.run(['totals', '--check', join(folder, 'none.csv')])).stderr).toContain('ENOENT')
  })

  it('says nothing of a moment that is not proven', async () => {
    await running.kill()
    const pupil = publisher(school.topic, RECORDING_PARTITIONS, '/erp/later')
    await school.publish([pupil.event('S-2', 'erp.fee.changed.v1', { component_type: 'TUITION', amount: 1 })])
    const ended = await school.program.run(['totals', '--json'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('Nothing is proven: partition')
  })
})
