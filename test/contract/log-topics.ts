import { describe, expect, it } from 'vitest'
import { type LogHarness, newName } from './log-harness.ts'

export const topicLaws = (harness: () => LogHarness): void => {
  describe('topics', () => {
    it('describes a topic that is not there as null', async () => {
      expect(await harness().log.describe(newName('nowhere'))).toBeNull()
    })

    it('creates what is missing with its settings, and finds it the same afterwards', async () => {
      const name = newName('made')
      const settings = new Map([
        ['cleanup.policy', 'delete'],
        ['retention.ms', '-1'],
        ['message.timestamp.type', 'CreateTime'],
        ['max.message.bytes', '2097152'],
      ])
      const spec = { name, partitions: 3, settings }
      expect(await harness().log.ensureTopics([spec])).toEqual([{ kind: 'created' }])
      expect(await harness().another.ensureTopics([spec])).toEqual([{ kind: 'exists' }])
      const found = await harness().log.describe(name)
      expect(found).toMatchObject({ name, partitions: 3 })
      for (const [setting, value] of settings) expect(found?.settings.get(setting)).toBe(value)
      expect(found?.settings.has('retention.bytes')).toBe(true)
    })

    it('leaves a topic that is otherwise as it is, and says in what it differs', async () => {
      const name = newName('other')
      await harness().log.ensureTopics([{ name, partitions: 2, settings: new Map([['retention.ms', '1000']]) }])
      const wanted = { name, partitions: 4, settings: new Map([['retention.ms', '-1']]) }
      const differences = [
        { what: 'partitions', wanted: '4', found: '2' },
        { what: 'retention.ms', wanted: '-1', found: '1000' },
      ]
      expect(await harness().log.ensureTopics([wanted])).toEqual([{ kind: 'mismatch', differences }])
      expect((await harness().log.describe(name))?.partitions).toBe(2)
    })
  })
}
