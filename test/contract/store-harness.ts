import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'

export const partitionCount = 4

export type StoreUnderTest = {
  readonly store: ProjectionStore
  readonly wipe: () => Promise<void>
  readonly close: () => Promise<void>
}

export const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())

export const studentsListed = async ({ admin }: ProjectionStore, generation: number): Promise<ReadonlySet<string>> => {
  const listed = new Set<string>()
  let cursor: string | null = null
  do {
    const page = await admin.students(generation, cursor)
    for (const { partition, identifier } of page.students) listed.add(`${partition} ${identifier}`)
    cursor = page.next
  } while (cursor !== null)
  return listed
}
