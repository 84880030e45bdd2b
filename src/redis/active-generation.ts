import { storeUnavailable } from '../store-unavailable.ts'

/**
 * The result of a read that assumed `generation` is active, with the generation that the pointer named at that moment.
 */
export type AssumedRead<T> = (
  generation: number | null,
) => Promise<{ readonly pointer: number | null; readonly value: T }>

/**
 * Reads the active generation in one round trip: it assumes the generation of the last read and reads the pointer in
 * the same call. After a flip the pointer differs, and the read is repeated.
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
