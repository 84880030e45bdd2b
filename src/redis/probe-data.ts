import type { RedisTarget } from './target.ts'

export type ProbeData = {
  readonly target: RedisTarget
  readonly partitions: number
  /** One 32-bit number: odd while the build rests. */
  readonly rests: Int32Array
}
