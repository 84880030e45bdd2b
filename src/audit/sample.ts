import { createHash } from 'node:crypto'
import type { StoreAdmin } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** Every student of a generation once, page after page. */
export async function* allStudents(admin: Pick<StoreAdmin, 'students'>, generation: number): AsyncGenerator<StudentId> {
  const seen = new Set<StudentId>()
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<StoreAdmin['students']>> = await admin.students(generation, cursor)
    for (const { identifier } of page.students) {
      if (seen.has(identifier)) continue
      seen.add(identifier)
      yield identifier
    }
    cursor = page.next
  } while (cursor !== null)
}

/** So many students by lot. The same seed draws the same ones again, as long as no student comes or goes. */
export const sampleOf = async (
  students: AsyncIterable<StudentId>,
  size: number,
  seed: string,
): Promise<readonly StudentId[]> => {
  let drawn: { readonly identifier: StudentId; readonly lot: string }[] = []
  const keep = (): void => {
    drawn = drawn.sort((a, b) => (a.lot < b.lot ? -1 : 1)).slice(0, size)
  }
  for await (const identifier of students) {
    drawn.push({ identifier, lot: createHash('sha1').update(`${seed}:${identifier}`).digest('hex') })
    if (drawn.length >= size * 2 + 1000) keep()
  }
  keep()
  return drawn.map(({ identifier }) => identifier)
}
