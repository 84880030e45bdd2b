import type { StoreAdmin } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'

export type Census = {
  readonly students: number
  /** Students picked at random with equal chance, by partition. */
  readonly sample: ReadonlyMap<number, ReadonlySet<StudentId>>
}

/** Counts a generation's students page by page; students added during the count may be missing from it. */
export const census = async (
  admin: Pick<StoreAdmin, 'students'>,
  generation: number,
  sampleSize: number,
  random: () => number,
): Promise<Census> => {
  const picked: { partition: number; identifier: StudentId }[] = []
  let students = 0
  for (let cursor: string | null = null; ; ) {
    const page = await admin.students(generation, cursor)
    for (const student of page.students) {
      students += 1
      const place = students <= sampleSize ? students - 1 : Math.floor(random() * students)
      if (place < sampleSize) picked[place] = student
    }
    cursor = page.next
    if (cursor === null) break
  }
  const sample = new Map<number, Set<StudentId>>()
  for (const { partition, identifier } of picked) {
    const known = sample.get(partition) ?? new Set()
    sample.set(partition, known.add(identifier))
  }
  return { students, sample }
}

/**
 * Students of one generation that another generation lacks, at most `atMost`. Events that arrive during the comparison
 * may change the result.
 */
export const missing = async (
  admin: Pick<StoreAdmin, 'students'>,
  load: (generation: number, partition: number, ids: readonly StudentId[]) => Promise<readonly (Uint8Array | null)[]>,
  of: number,
  inGeneration: number,
  atMost: number,
): Promise<readonly { readonly partition: number; readonly identifier: StudentId }[]> => {
  const found: { partition: number; identifier: StudentId }[] = []
  for (let cursor: string | null = null; ; ) {
    const page = await admin.students(of, cursor)
    for (const [partition, students] of Map.groupBy(page.students, (student) => student.partition)) {
      const ids = students.map(({ identifier }) => identifier)
      const records = await load(inGeneration, partition, ids)
      ids.forEach((identifier, index) => {
        if (records[index] === null) found.push({ partition, identifier })
      })
    }
    cursor = page.next
    if (cursor === null || found.length >= atMost) return found
  }
}
