import type { UnpackLease } from '../../consumers/ports/unpack.ts'

/** What all partitions of a process, its scout included, may hold unpacked at a time. */
export const UNPACKED_BYTES_AT_MOST = 256 * 1024 * 1024
/** A partition may always hold so much: a hanging neighbour that holds the rest must not stop it. */
const ALWAYS_BYTES = 4 * 1024 * 1024

export type UnpackBudget = {
  readonly lease: () => UnpackLease
  /** Shared with a budget of another thread, this counts for both. */
  readonly shared: SharedArrayBuffer
}

/** One budget for all that is unpacked, of all codecs and partitions. What is not packed costs nothing here. */
export const unpackBudget = (shared = new SharedArrayBuffer(4)): UnpackBudget => {
  const held = new Int32Array(shared)
  return {
    shared,
    lease: () => {
      let own = 0
      const giveBack = (bytes: number): void => {
        own -= bytes
        Atomics.sub(held, 0, bytes)
      }
      return {
        reserve: (bytes) => {
          const before = Atomics.add(held, 0, bytes)
          own += bytes
          if (own <= ALWAYS_BYTES || before + bytes <= UNPACKED_BYTES_AT_MOST) return true
          giveBack(bytes)
          return false
        },
        giveBack,
        release: () => giveBack(own),
      }
    },
  }
}

/** For a caller that holds one part at a time, and is alone. */
export const freeLease: UnpackLease = { reserve: () => true, giveBack: () => {}, release: () => {} }
