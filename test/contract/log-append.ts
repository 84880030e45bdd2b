import { describe, expect, it } from 'vitest'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { type LogHarness, newName, record, texts } from './log-harness.ts'

export const appendLaws = (harness: () => LogHarness): void => {
  const appended = async (records: (topic: string) => readonly NewRecord[]) => {
    const topic = await harness().newTopic(3)
    const given = records(topic)
    const positions = await harness().log.append(given)
    return { topic, positions }
  }

  describe('append', () => {
    it('answers the positions in the order given, over several partitions', async () => {
      const { topic, positions } = await appended((topic) => [0, 1, 0, 2, 0, 1].map((p, i) => record(topic, p, `${i}`)))
      expect(positions).toEqual([
        { partition: 0, offset: 0 },
        { partition: 1, offset: 0 },
        { partition: 0, offset: 1 },
        { partition: 2, offset: 0 },
        { partition: 0, offset: 2 },
        { partition: 1, offset: 1 },
      ])
      expect(texts((await harness().log.read(topic, 0, 0))!.records)).toEqual(['0', '2', '4'])
    })

    it('dates the records of a topic that is to date them itself, whatever their producer says', async () => {
      const { log } = harness()
      const topic = newName('dated')
      const settings = new Map([['message.timestamp.type', 'LogAppendTime']])
      await log.ensureTopics([{ name: topic, partitions: 1, settings }])
      const before = Date.now()
      await log.append([{ ...record(topic, 0, 'a'), timestampMs: 1_234_567_890_123 }])
      const [dated] = (await log.read(topic, 0, 0))!.records
      expect(dated!.timestampMs).toBeGreaterThanOrEqual(before - 5000)
      expect(dated!.timestampMs).toBeLessThanOrEqual(Date.now() + 5000)
    })

    it('keeps keys, values, tombstones, timestamps and headers byte for byte', async () => {
      const bytes = Buffer.from([0, 255, 128, 10])
      const soonMs = Date.now() + 600_000
      const headers = [
        ['z', bytes],
        ['1', Buffer.from('one')],
        ['constructor', Buffer.from('c')],
        ['__proto__', Buffer.from('p')],
        ['z', null],
        ['z', Buffer.alloc(0)],
        ['ü', Buffer.from('ü')],
      ] as const
      const { topic } = await appended((topic) => [
        { topic, partition: 0, key: bytes, value: bytes, headers, timestampMs: 1_234_567_890_123 },
        { topic, partition: 0, key: null, value: null, headers: [], timestampMs: 999 },
        {
          topic,
          partition: 0,
          key: Buffer.alloc(0),
          value: Buffer.alloc(0),
          headers: [],
          timestampMs: soonMs,
        },
      ])
      const { records } = (await harness().another.read(topic, 0, 0))!
      const plain = records.map(({ key, value, headers, ...rest }) => ({
        ...rest,
        key: key && [...key],
        value: value && [...value],
        headers: headers.map(([name, header]) => [name, header && [...header]]),
      }))
      expect(plain).toEqual([
        {
          partition: 0,
          offset: 0,
          timestampMs: 1_234_567_890_123,
          key: [...bytes],
          value: [...bytes],
          headers: headers.map(([name, header]) => [name, header && [...header]]),
        },
        { partition: 0, offset: 1, timestampMs: 999, key: null, value: null, headers: [] },
        { partition: 0, offset: 2, timestampMs: soonMs, key: [], value: [], headers: [] },
      ])
    })

    it('dates a record without a timestamp now', async () => {
      const before = Date.now()
      const { topic } = await appended((topic) => [record(topic, 0, 'now')])
      const [first] = (await harness().log.read(topic, 0, 0))!.records
      expect(first!.timestampMs).toBeGreaterThanOrEqual(before)
      expect(first!.timestampMs).toBeLessThanOrEqual(Date.now())
    })

    it('writes thousands of records of many megabytes in one call, in order', async () => {
      const body = 'x'.repeat(1000)
      const { topic, positions } = await appended((topic) =>
        Array.from({ length: 6000 }, (_, i) => record(topic, i % 3, `${i} ${body}`)),
      )
      expect(positions).toEqual(
        Array.from({ length: 6000 }, (_, i) => ({ partition: i % 3, offset: Math.floor(i / 3) })),
      )
      const batch = (await harness().log.read(topic, 2, 1990, { maxBytes: 4_000_000 }))!
      expect(texts(batch.records).map((text) => text.split(' ')[0])).toEqual(
        Array.from({ length: 10 }, (_, i) => `${5972 + 3 * i}`),
      )
    })

    it('keeps the order of calls that overlap', async () => {
      const topic = await harness().newTopic(1)
      const calls = Array.from({ length: 50 }, (_, i) => harness().log.append([record(topic, 0, `${i}`)]))
      expect((await Promise.all(calls)).flat().map(({ offset }) => offset)).toEqual(
        Array.from({ length: 50 }, (_, i) => i),
      )
    })

    it('takes nothing at all', async () => {
      expect(await harness().log.append([])).toEqual([])
    })

    it('refuses a record that is too large for its topic, and goes on with the next', async () => {
      const topic = newName('small')
      await harness().log.ensureTopics([
        { name: topic, partitions: 1, settings: new Map([['max.message.bytes', '20000']]) },
      ])
      const large = harness().log.append([record(topic, 0, 'x'.repeat(30_000))])
      await expect(large).rejects.toMatchObject({ code: 'refused' })
      await expect(large).rejects.toBeInstanceOf(LogError)
      const many = Array.from({ length: 40 }, (_, i) => record(topic, 0, `${i} ${'x'.repeat(2000)}`))
      expect((await harness().log.append(many)).map(({ offset }) => offset)).toEqual(many.map((_, i) => i))
    })

    it('rejects, within its deadline, for a topic that is not there', async () => {
      await expect(harness().log.append([record(newName('nowhere'), 0, 'x')])).rejects.toMatchObject({
        code: 'unavailable',
      })
    }, 15_000)
  })
}
