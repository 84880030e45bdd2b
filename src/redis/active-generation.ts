import { storeUnavailable } from '../store-unavailable.ts'

/** What was read on the assumption that `generation` is active, and where the pointer really stood then. */
export type AssumedRead<T> = (
  generation: number | null,
) => Promise<{ readonly pointer: number | null; readonly value: T }>

/**
 * Reads at the active generation in one trip: with the generation of the last read, and the pointer beside it. Only
 * after a flip is the pointer elsewhere, and the read is done again.
 */
export const activeGeneration = () => {
  let assumed: number | null = null
  return async <T>(read: AssumedRead<T>): Promise<{ readonly generation: number | null; readonly value: T }> => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const generation = assumed
      const { pointer, value } = await read(generation)
      if (pointer === generation) return { generation, value }
      assumed = pointer
    }
    throw storeUnavailable('the active generation keeps moving')
  }
}

export const parsePointer = (stored: Buffer | string | null): number | null => (stored === null ? null : Number(stored))
