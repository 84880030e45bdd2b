import type { Log } from '../../consumers/ports/log.ts'
import type { LocalDeps } from '../log/feed-queue.ts'
import { type LocalReaders, localFollower } from '../log/local-follower.ts'
import { type LocalGroup, localGroup } from '../log/local-group.ts'

/** Everybody who reads on: groups by name, and followers. */
export type LogReaders = Pick<Log, 'consume' | 'follow'> & {
  /** There may be more to read, of any topic. */
  readonly feed: () => void
  /** Of one topic. */
  readonly recheck: (topic: string) => void
  readonly rebalance: (topic: string) => Promise<void>
  readonly stop: () => Promise<void>
}

export const logReaders = (depsOf: (topic: string) => LocalDeps): LogReaders => {
  const groups = new Map<string, LocalGroup>()
  const readers = new Map<LocalReaders, string>()

  const of = (topic: string): readonly LocalReaders[] =>
    [...readers].flatMap(([reader, of]) => (of === topic ? [reader] : []))

  return {
    consume: async (topic, name, handler) => {
      const key = `${topic}\n${name}`
      const group = groups.get(key) ?? localGroup(depsOf(topic))
      groups.set(key, group)
      readers.set(group, topic)
      return group.join(handler)
    },
    follow: (topic, handler) => {
      const { follower, readers: own } = localFollower(depsOf(topic), handler)
      readers.set(own, topic)
      const stop = async (): Promise<void> => {
        readers.delete(own)
        await follower.stop()
      }
      return { ...follower, stop }
    },
    feed: () => {
      for (const reader of readers.keys()) reader.feed()
    },
    recheck: (topic) => {
      for (const reader of of(topic)) reader.recheck()
    },
    rebalance: async (topic) => {
      await Promise.all(of(topic).map((reader) => reader.rebalance()))
    },
    stop: async () => {
      for (const reader of readers.keys()) await reader.stop()
    },
  }
}
