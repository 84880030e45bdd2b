import type { StudentId } from '../projections/ids.ts'
import type { Student } from '../projections/student.ts'

/**
 * The folded students that one worker wrote last, so that the next event of the same student neither loads nor decodes
 * anything. It holds only what the store acknowledged under the worker's own checkpoint; the compare-and-set that guards
 * the next write guards it too. Whoever reads the checkpoint anew clears it.
 */
export type StudentCache = {
  readonly get: (id: StudentId) => Student | undefined
  /** @param bytes the size of its stored form: what the bound is counted in */
  readonly put: (id: StudentId, student: Student, bytes: number) => void
  readonly clear: () => void
}

type Kept = { readonly student: Student; readonly bytes: number }

/** Least recently used out first. */
export const studentCache = (mostBytes: number): StudentCache => {
  const kept = new Map<StudentId, Kept>()
  let bytes = 0

  const drop = (id: StudentId, known: Kept): void => {
    kept.delete(id)
    bytes -= known.bytes
  }

  return {
    get: (id) => {
      const known = kept.get(id)
      if (!known) return undefined
      kept.delete(id)
      kept.set(id, known)
      return known.student
    },
    put: (id, student, size) => {
      const known = kept.get(id)
      if (known) drop(id, known)
      kept.set(id, { student, bytes: size })
      bytes += size
      for (const [oldest, entry] of kept) {
        if (bytes <= mostBytes) break
        drop(oldest, entry)
      }
    },
    clear: () => {
      kept.clear()
      bytes = 0
    },
  }
}
