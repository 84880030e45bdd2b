import { afterAll, beforeAll, describe } from 'vitest'
import { appendLaws } from './log-append.ts'
import { consumeLaws } from './log-consume.ts'
import { followLaws } from './log-follow.ts'
import { groupLaws } from './log-group.ts'
import type { LogHarness } from './log-harness.ts'
import { readLaws } from './log-read.ts'
import { topicLaws } from './log-topics.ts'

/** What every log keeps to, whoever stands behind the port. */
export const logSuite = (name: string, open: () => Promise<LogHarness>): void => {
  describe(name, () => {
    let harness: LogHarness
    beforeAll(async () => {
      harness = await open()
    }, 30_000)
    afterAll(() => harness.close())
    for (const laws of [topicLaws, appendLaws, readLaws, consumeLaws, followLaws, groupLaws]) laws(() => harness)
  })
}
