import { createHash, createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import type { AnswerRecord } from '../../src/answers/answer-record.ts'
import type { Running } from '../support/program.ts'
import {
  RECORDING_KEY,
  RECORDING_PARTITIONS,
  type RecordingSchool,
  schoolOnFile,
  schoolOnKafka,
} from '../support/recording-school.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

const answerIn = ({ value }: LogRecord): AnswerRecord => JSON.parse(Buffer.from(value!).toString())
const keyOf = (identifier: string): string => createHmac('sha256', RECORDING_KEY).update(identifier).digest('hex')
const metricOf = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (.+)$`, 'm').exec(text)?.[1])
}

describe.each([
  ['on Kafka and Redis', schoolOnKafka],
  ['on one file', schoolOnFile],
])('answers, recorded %s', { timeout: 180_000 }, (_, open) => {
  let school: RecordingSchool
  afterEach(() => school.close())

  /** Until the projector has proven all partitions: before that, pulls are not answered. */
  const started = async (): Promise<Running> => {
    const running = await school.program.start('all')
    const probe = { 'X-Request-Id': 'probe' }
    await until(
      'it answers',
      async () => (await school.pull(running.url, { identifier: 'nobody' }, probe)).status === 422,
    )
    return running
  }

  const recordedOnce = async (count: number): Promise<readonly LogRecord[]> => {
    let records: readonly LogRecord[] = []
    await until(`${count} answers to be recorded`, async () => {
      records = (await school.recorded()).filter((one) => answerIn(one).request_id !== 'probe')
      return records.length >= count
    })
    expect(records).toHaveLength(count)
    return records
  }

  it('are every 200 and 422, under the keyed hash of the student, and say what was answered', async () => {
    school = await open()
    const running = await started()
    const pupil = publisher(school.topic, RECORDING_PARTITIONS)
    await school.publish([
      pupil.enrolled('S-1'),
      pupil.assessed('S-1', 100.5),
      pupil.enrolled('S-2'),
      pupil.assessed('S-2', 7),
      pupil.event('S-2', 'erp.student.discontinued.v1', {}),
    ])
    const asked = { identifier: 'S-1', collector_code: 'BLR-01', academic_year_start: '2026' }
    const bodies: string[] = []
    /** On a busy machine a pull may not be proven in time; its 503 is not recorded. */
    const answered = async (query: Record<string, string>, requestId: string): Promise<Response> => {
      let response: Response | undefined
      await until('an answer', async () => {
        response = await school.pull(running.url, query, { 'X-Request-Id': requestId })
        return response.status !== 503
      })
      bodies.push(await response!.text())
      return response!
    }
    const paid = await answered(asked, 'pull-1')
    expect(paid.status).toBe(200)
    expect((await answered({ identifier: 'S-2' }, 'pull-2')).status).toBe(422)
    expect((await answered({ identifier: 'S-3' }, 'pull-3')).status).toBe(422)
    expect((await school.pull(running.url, {})).status).toBe(400)

    const records = await recordedOnce(3)
    const of = (requestId: string) => records.find((one) => answerIn(one).request_id === requestId)!
    const answer = answerIn(of('pull-1'))
    expect(answer).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      client: 'partner',
      request_id: 'pull-1',
      query: { collector_code: 'BLR-01', academic_year_start: '2026' },
      status: 200,
      source: 'projection',
      as_of: paid.headers.get('x-pullgate-as-of'),
      version: paid.headers.get('x-pullgate-version'),
      enrolment: { collector_code: 'BLR-01', grade: '5', academic_year_start: '2026' },
      payable: 100.5,
      body_sha256: createHash('sha256').update(bodies[0]!).digest('hex'),
    })
    expect(Math.abs(Date.parse(answer.at) - Date.now())).toBeLessThan(60_000)
    expect(answerIn(of('pull-2'))).toMatchObject({ status: 422, code: 'student_discontinued', query: {} })
    expect(answerIn(of('pull-3'))).toMatchObject({ status: 422, code: 'student_not_found', enrolment: null })
    for (const [index, identifier] of ['S-1', 'S-2', 'S-3'].entries()) {
      const record = of(`pull-${index + 1}`)
      expect(Buffer.from(record.key!).toString()).toBe(keyOf(identifier))
      expect(record.partition).toBe(partitionOf(identifier, RECORDING_PARTITIONS))
      expect(answerIn(record).body_sha256).toBe(createHash('sha256').update(bodies[index]!).digest('hex'))
      const bytes = [record.value, ...record.headers.map(([, value]) => value)].map((one) =>
        Buffer.from(one!).toString(),
      )
      expect(bytes.join()).not.toContain(identifier)
    }
    expect(await metricOf(running.metricsUrl, 'pullgate_answers_recorded_total')).toBeGreaterThanOrEqual(4)
    expect(await metricOf(running.metricsUrl, 'pullgate_answers_lost_total')).toBe(0)
  })

  it('are counted as they are superseded', async () => {
    school = await open()
    const running = await started()
    const pupil = publisher(school.topic, RECORDING_PARTITIONS)
    await school.publish([pupil.enrolled('S-1'), pupil.assessed('S-1', 100)])
    expect((await school.pull(running.url, { identifier: 'S-1' })).status).toBe(200)
    await recordedOnce(1)
    await school.publish([pupil.paid('S-1', 'desk-1', 40)])
    const lower = 'pullgate_answers_superseded_total{change="lower"}'
    await until('the change to be counted', async () => (await metricOf(running.metricsUrl, lower)) === 1)
    expect(await metricOf(running.metricsUrl, 'pullgate_answers_superseded_total{change="higher"}')).toBe(0)
  })

  it('that wait are recorded before the process ends', async () => {
    school = await open()
    const running = await school.program.start('all')
    const pupil = publisher(school.topic, RECORDING_PARTITIONS)
    await school.publish([pupil.enrolled('S-1'), pupil.assessed('S-1', 100)])
    await until('it answers', async () => (await school.pull(running.url, { identifier: 'S-1' })).status === 200)
    const before = (await school.recorded()).length
    await Promise.all(Array.from({ length: 50 }, () => school.pull(running.url, { identifier: 'S-1' })))
    expect(await running.stop()).toBe(0)
    expect((await school.recorded()).length).toBeGreaterThanOrEqual(before + 50)
  })

  it('are recorded nowhere unless the configuration says so', async () => {
    school = await open()
    const text = (await school.program.run(['topics', '--json'])).stdout
    expect(JSON.parse(text)).toHaveLength(3)
    await school.program.rewrite(school.config.replace('record: true', 'record: false'))
    expect(JSON.parse((await school.program.run(['topics', '--json'])).stdout)).toHaveLength(2)
    const running = await school.program.start('all')
    const pupil = publisher(school.topic, RECORDING_PARTITIONS)
    await school.publish([pupil.enrolled('S-1'), pupil.assessed('S-1', 100)])
    await until('it answers', async () => (await school.pull(running.url, { identifier: 'S-1' })).status === 200)
    expect(await running.stop()).toBe(0)
    expect(await school.recorded()).toEqual([])
  })
})

describe('the topic of answers', { timeout: 180_000 }, () => {
  it('is made by "topics" with its retention, dated by the brokers, and is told where it is otherwise', async () => {
    const school = await schoolOnKafka({ answers: ', retention_days: 30' })
    try {
      const found = await school.log.describe(answersName(school.topic))
      expect(found?.partitions).toBe(RECORDING_PARTITIONS)
      expect(Object.fromEntries(found!.settings)).toMatchObject({
        'cleanup.policy': 'delete',
        'retention.ms': String(30 * 86_400_000),
        'message.timestamp.type': 'LogAppendTime',
      })
      expect((await school.program.run(['topics'])).code).toBe(0)
      await school.program.rewrite(school.config.replace('retention_days: 30', 'retention_days: 31'))
      const differs = await school.program.run(['topics'])
      expect(differs).toMatchObject({ code: 1, stdout: expect.stringContaining('retention.ms is 2592000000') })
      const doctor = await school.program.run(['doctor', '--json'])
      expect(JSON.parse(doctor.stdout)).toContainEqual(
        expect.objectContaining({ status: 'fail', detail: expect.stringContaining('retention.ms=2592000000') }),
      )
    } finally {
      await school.close()
    }
  })

  it('that is missing delays no answer, and is told', async () => {
    const school = await schoolOnKafka()
    try {
      const name = `${school.topic}x`
      await school.program.rewrite(school.config.replace(school.topic, name))
      await school.program.rewrite(school.config.replace(school.topic, name).replace('record: true', 'record: false'))
      expect((await school.program.run(['topics'])).code).toBe(0)
      await school.program.rewrite(school.config.replace(school.topic, name))
      const doctor = await school.program.run(['doctor', '--json'])
      expect(JSON.parse(doctor.stdout)).toContainEqual(
        expect.objectContaining({ status: 'fail', detail: `${answersName(name)} does not exist` }),
      )
      const running = await school.program.start('all')
      const pupil = publisher(name, RECORDING_PARTITIONS)
      await school.publish([pupil.enrolled('S-1'), pupil.assessed('S-1', 100)])
      await until('it answers', async () => (await school.pull(running.url, { identifier: 'S-1' })).status === 200)
      await until('the trouble to be told', () => running.output().includes('answers cannot be recorded'))
      const began = performance.now()
      for (let turn = 0; turn < 20; turn++)
        expect((await school.pull(running.url, { identifier: 'S-1' })).status).toBe(200)
      expect(performance.now() - began).toBeLessThan(5000)
      const ready = await (await fetch(`${running.metricsUrl}/readyz?verbose`)).text()
      expect(ready).toContain('cannot be recorded')
      expect(await running.stop()).toBe(0)
      expect(running.output()).toContain('the last answers were lost')
    } finally {
      await school.close()
    }
  })
})
