import { MAX_RECENT_BYTES, type RecentAnswers } from '../../consumers/ports/recent-answers.ts'
import type { RedisConnection } from './connection.ts'
import { answersKey, storeKeys } from './keys.ts'
import type { RunScript } from './script.ts'

export const redisRecentAnswers = ({ run }: RedisConnection, runScript: RunScript): RecentAnswers => ({
  add: async (partition, answers, ttlMs) => {
    if (answers.length === 0) return
    const keys = answers.map(({ id }) => answersKey(partition, id))
    const args = [String(ttlMs), String(MAX_RECENT_BYTES), ...answers.map(({ line }) => line)]
    await run((client) => runScript(client, 'add-answers', keys, args))
  },
  heartbeat: async (recorder, numbered, ttlMs) => {
    const args = [recorder, String(numbered), String(ttlMs)]
    await run((client) => runScript(client, 'recorder-heartbeat', [storeKeys.recorders], args))
  },
  ended: async (recorder) => {
    await run((client) => client.hdel(storeKeys.recorders, recorder))
  },
  recorders: async () => {
    const reply = (await run((client) => runScript(client, 'recorders', [storeKeys.recorders], []))) as string[]
    const [nowMs, ...entries] = reply
    const open = Array.from({ length: entries.length / 2 }, (_, index) => {
      const [numbered, seenAtMs] = entries[2 * index + 1]!.split(' ').map(Number)
      return { recorder: entries[2 * index]!, numbered: numbered!, seenAtMs: seenAtMs! }
    })
    return { nowMs: Number(nowMs), open }
  },
})
