import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { withLine } from '../../consumers/ports/recent-answers.ts'
import { type ScoutLedger, scoutedFor, withReport } from '../../consumers/ports/scout-ledger.ts'
import type { PartitionView } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { applyWrite, compare, emptyPartition, livingLease, type Partition } from './store-partition.ts'

type Contents = {
  readonly generations: Map<number, Map<number, Partition>>
  /** By partition, of no generation. */
  readonly ledgers: Map<number, ScoutLedger>
  active: number | null
  lastGeneration: number
  former: number | null
  building: number | null
  readonly leftovers: Set<number>
  builder: { readonly owner: string; readonly untilMs: number } | null
  topic: string | null
  /** Lines and when they end, by partition and student. */
  readonly answers: Map<string, { readonly lines: string; readonly untilMs: number }>
  readonly recorders: Map<string, { readonly numbered: number; readonly seenAtMs: number }>
}

export type MemoryStore = ProjectionStore & {
  /** A copy of everything, as a server's snapshot file would be. */
  readonly snapshot: () => unknown
  /** Goes back to a snapshot: acknowledged writes since then are lost. */
  readonly restore: (snapshot: unknown) => void
  readonly wipe: () => void
}

const empty = (): Contents => ({
  generations: new Map(),
  ledgers: new Map(),
  active: null,
  lastGeneration: 0,
  former: null,
  building: null,
  leftovers: new Set(),
  builder: null,
  topic: null,
  answers: new Map(),
  recorders: new Map(),
})

/** The store of tests and simulations: what Redis does, in one process, by the clock that is given. */
export const memoryStore = (partitionCount: number, nowMs: () => number = Date.now): MemoryStore => {
  let contents = empty()

  const find = (generation: number | null, partition: number): Partition | undefined =>
    generation === null ? undefined : contents.generations.get(generation)?.get(partition)

  const open = (generation: number, partition: number): Partition => {
    const known = find(generation, partition)
    if (known !== undefined) return known
    const partitions = contents.generations.get(generation) ?? new Map<number, Partition>()
    const opened = emptyPartition()
    contents.generations.set(generation, partitions.set(partition, opened))
    return opened
  }

  const view = (partition: number): PartitionView => {
    const found = find(contents.active, partition)
    const lease = found === undefined ? null : livingLease(found, nowMs())
    return { generation: contents.active, partition, checkpoint: found?.checkpoint ?? null, lease }
  }

  const ahead = (partition: number, id: StudentId): PartitionView => ({
    ...view(partition),
    scouted: scoutedFor(contents.ledgers.get(partition) ?? null, id, nowMs()),
  })
  const recordOf = (partition: number, id: StudentId): Uint8Array | null =>
    find(contents.active, partition)?.records.get(id) ?? null

  const numbers = Array.from({ length: partitionCount }, (_, partition) => partition)
  const actives = () => numbers.map((partition) => find(contents.active, partition) ?? emptyPartition())

  const answersOf = (partition: number, id: string): string | null => {
    const found = contents.answers.get(`${partition} ${id}`)
    return found !== undefined && found.untilMs > nowMs() ? found.lines : null
  }

  return {
    writer: {
      checkpoint: async (generation, partition) => find(generation, partition)?.checkpoint ?? null,
      load: async (generation, partition, ids) => {
        const records = find(generation, partition)?.records
        return ids.map((id) => records?.get(id) ?? null)
      },
      loadAt: async (generation, partition, ids, withAnswers) => {
        const found = find(generation, partition)
        return {
          next: found?.checkpoint?.next ?? null,
          students: ids.map((id) => ({
            record: found?.records.get(id) ?? null,
            answers: withAnswers ? answersOf(partition, id) : null,
          })),
        }
      },
      apply: async (write) => {
        const partition = open(write.generation, write.partition)
        const result = compare(partition, write.expected)
        if (result.kind === 'applied') applyWrite(partition, write)
        return result
      },
      clockMs: async () => nowMs(),
      lease: async (generation, number, proof, boundMs) => {
        const partition = open(generation, number)
        const result = compare(partition, proof.next)
        if (result.kind === 'applied') partition.lease = { proof, untilMs: proof.provenAtMs + boundMs }
        return result
      },
      suspectCount: async (generation, partition) => find(generation, partition)?.suspects.size ?? 0,
      scout: async (report) => {
        const { ledgers } = contents
        const applied = find(report.generation, report.partition)?.checkpoint?.next ?? null
        const { ledger, outcome } = withReport(ledgers.get(report.partition) ?? null, report, applied)
        if (ledger === null) ledgers.delete(report.partition)
        else ledgers.set(report.partition, ledger)
        return outcome
      },
      scouted: async (partition) => contents.ledgers.get(partition)?.scouted ?? null,
      forgetScouted: async (partition) => void contents.ledgers.delete(partition),
    },

    reader: {
      student: async (partition, id) => ({ ...view(partition), record: recordOf(partition, id) }),
      studentAhead: async (partition, id) => ({ ...ahead(partition, id), record: recordOf(partition, id) }),
      partitionsAhead: async (id) => numbers.map((partition) => ahead(partition, id)),
      scouted: async () => new Map(Array.from(contents.ledgers, ([partition, { scouted }]) => [partition, scouted])),
      byCustom: async (custom) => ({
        partitions: numbers.map(view),
        ids: actives().flatMap((partition) => [...(partition.custom.get(custom) ?? [])]),
      }),
      partitions: async () => numbers.map(view),
      heartbeats: async () => {
        const youngest = new Map<string, number>()
        for (const { heartbeats } of actives())
          for (const [source, time] of heartbeats) youngest.set(source, Math.max(time, youngest.get(source) ?? time))
        return youngest
      },
      misroutingSources: async () => new Set(actives().flatMap(({ misrouting }) => [...misrouting])),
      suspects: async (partition) => [...(find(contents.active, partition)?.suspects ?? [])],
    },

    admin: {
      activeGeneration: async () => contents.active,
      activate: async (from, to) => {
        if (contents.active !== from || numbers.some((partition) => find(to, partition)?.retired)) return false
        if (from === to) return true
        if (contents.former !== null && contents.former !== to) contents.leftovers.add(contents.former)
        contents.former = from
        if (contents.building === to) contents.building = null
        contents.leftovers.delete(to)
        contents.active = to
        // It counts as given out: a builder may bring one from before the store was emptied.
        contents.lastGeneration = Math.max(contents.lastGeneration, to)
        return true
      },
      generations: async () => {
        const { active, former, building, leftovers } = contents
        return { active, former, building, leftovers: [...leftovers] }
      },
      beginBuild: async () => {
        if (contents.building === null) {
          contents.lastGeneration += 1
          contents.building = contents.lastGeneration
        }
        return contents.building
      },
      holdBuild: async (owner, ttlMs) => {
        const { builder } = contents
        if (builder !== null && builder.owner !== owner && builder.untilMs > nowMs()) return false
        contents.builder = { owner, untilMs: nowMs() + ttlMs }
        return true
      },
      releaseBuild: async (owner) => {
        if (contents.builder?.owner === owner) contents.builder = null
      },
      newGeneration: async () => {
        contents.lastGeneration += 1
        return contents.lastGeneration
      },
      removeGeneration: async (generation, onRemoved = () => {}) => {
        if (contents.active === generation) return false
        let removed = 0
        for (const partition of numbers) {
          // A store that was emptied meanwhile gives the number out again.
          if (contents.active === generation) return false
          removed += find(generation, partition)?.records.size ?? 0
          open(generation, partition)
          contents.generations.get(generation)!.set(partition, { ...emptyPartition(), retired: true })
          if (removed > 0) await onRemoved(removed)
        }
        if (contents.former === generation) contents.former = null
        if (contents.building === generation) contents.building = null
        contents.leftovers.delete(generation)
        return true
      },
      students: async (generation) => ({
        students: numbers.flatMap((partition) =>
          Array.from(find(generation, partition)?.records.keys() ?? [], (identifier) => ({ partition, identifier })),
        ),
        next: null,
      }),
      claim: async (topic) => {
        contents.topic ??= topic
        return contents.topic
      },
      problems: async () => [],
      close: async () => {},
    },

    recentAnswers: {
      add: async (partition, answers, ttlMs) => {
        for (const { id, line } of answers) {
          const lines = withLine(answersOf(partition, id), line, nowMs())
          contents.answers.set(`${partition} ${id}`, { lines, untilMs: nowMs() + ttlMs })
        }
      },
      heartbeat: async (recorder, numbered, ttlMs) => {
        for (const [name, { seenAtMs }] of contents.recorders)
          if (seenAtMs + ttlMs < nowMs()) contents.recorders.delete(name)
        contents.recorders.set(recorder, { numbered, seenAtMs: nowMs() })
      },
      ended: async (recorder) => {
        contents.recorders.delete(recorder)
      },
      recorders: async () => ({
        nowMs: nowMs(),
        open: Array.from(contents.recorders, ([recorder, state]) => ({ recorder, ...state })),
      }),
    },

    snapshot: () => structuredClone(contents),
    restore: (snapshot) => {
      contents = structuredClone(snapshot) as Contents
    },
    wipe: () => {
      contents = empty()
    },
  }
}
