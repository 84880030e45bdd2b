import type { RedisServers } from './target.ts'

export type ProbeData = {
  readonly target: RedisServers
  readonly partitions: number
  /** One 32-bit number; odd while the build is paused. */
  readonly pauses: Int32Array
}
