import type { DatabaseSync } from 'node:sqlite'
import type { ProjectionStore } from '../../../consumers/ports/projection-store.ts'
import { scoutedFor, withReport } from '../../../consumers/ports/scout-ledger.ts'
import type {
  Checkpoint,
  PartitionView,
  PartitionWrite,
  Proof,
  StudentView,
  WriteResult,
} from '../../../consumers/ports/store.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { storeUnavailable } from '../../store-unavailable.ts'
import { type BuildStep, generationsIn } from './builds.ts'
import { comparer } from './compare.ts'
import { storeReads } from './reads.ts'
import { type RecentAnswersStep, recentAnswersReads } from './recent-answers.ts'
import { nothingUnsaved, type Unsaved } from './unsaved.ts'

/** Writes the projection's tables; rejects with `store_unavailable` where the write is not done in time. */
export type StoreWriter = {
  readonly apply: (write: PartitionWrite) => Promise<WriteResult>
  readonly activate: (from: number | null, to: number) => Promise<boolean>
  readonly newGeneration: () => Promise<number>
  readonly removeBite: (generation: number) => Promise<number | null>
  readonly build: (step: BuildStep) => Promise<number>
  readonly claim: (topic: string) => Promise<string>
  readonly recentAnswers: (step: RecentAnswersStep) => Promise<number>
}

const place = (generation: number, partition: number): string => `${generation}:${partition}`

/**
 * The store on a SQLite file. Reads are short and synchronous and run in this thread; a compare-and-set is one
 * transaction of the writer. Leases and scanned ranges stay in memory, because only this process reads them.
 */
export const sqliteStore = (
  db: DatabaseSync,
  write: StoreWriter,
  partitionCount: number,
  { leases, ledgers }: Unsaved = nothingUnsaved(),
): ProjectionStore => {
  const reads = storeReads(db)
  const recent = recentAnswersReads(db)
  const compare = comparer(db)
  const generations = generationsIn(db)
  const numbers = Array.from({ length: partitionCount }, (_, partition) => partition)

  const living = (generation: number | null, partition: number, checkpoint: Checkpoint | null): Proof | null => {
    const lease = generation === null ? undefined : leases.get(place(generation, partition))
    return lease === undefined ||
      checkpoint === null ||
      Date.now() >= lease.untilMs ||
      lease.proof.next > checkpoint.next
      ? null
      : lease.proof
  }

  const views = () => {
    const { generation, of } = reads.checkpoints()
    const partitions = numbers.map((partition): PartitionView => {
      const checkpoint = of.get(partition) ?? null
      return { generation, partition, checkpoint, lease: living(generation, partition, checkpoint) }
    })
    return { generation, partitions }
  }

  /** The scanned range is read before the checkpoint that it is compared with; no other code runs in between. */
  const ahead = (partition: number, id: StudentId) => scoutedFor(ledgers.get(partition) ?? null, id, Date.now())

  const student = (partition: number, id: StudentId): StudentView => {
    const seen = asked(() => reads.student(partition, id))
    return { ...seen, partition, lease: living(seen.generation, partition, seen.checkpoint) }
  }

  return {
    writer: {
      checkpoint: async (generation, partition) => asked(() => reads.checkpoint(generation, partition)),
      load: async (generation, partition, ids) => asked(() => ids.map((id) => reads.record(generation, partition, id))),
      loadAt: async (generation, partition, ids, withAnswers) =>
        asked(() => ({
          next: reads.checkpoint(generation, partition)?.next ?? null,
          students: ids.map((id) => ({
            record: reads.record(generation, partition, id),
            answers: withAnswers ? recent.lines(partition, id) : null,
          })),
        })),
      apply: write.apply,
      clockMs: async () => Date.now(),
      lease: async (generation, partition, proof, boundMs) => {
        const result = asked(() => compare(generation, partition, proof.next))
        if (result.kind === 'applied')
          leases.set(place(generation, partition), { proof, untilMs: proof.provenAtMs + boundMs })
        return result
      },
      suspectCount: async (generation, partition) => asked(() => reads.suspectCount(generation, partition)),
      scout: async (report) => {
        const applied = asked(() => reads.checkpoint(report.generation, report.partition))?.next ?? null
        const { ledger, outcome } = withReport(ledgers.get(report.partition) ?? null, report, applied)
        if (ledger === null) ledgers.delete(report.partition)
        else ledgers.set(report.partition, ledger)
        return outcome
      },
      scouted: async (partition) => ledgers.get(partition)?.scouted ?? null,
      forgetScouted: async (partition) => void ledgers.delete(partition),
    },

    reader: {
      student: async (partition, id) => student(partition, id),
      studentAhead: async (partition, id) => {
        const scouted = ahead(partition, id)
        return { ...student(partition, id), scouted }
      },
      byCustom: async (custom) =>
        asked(() => {
          // The checkpoints are read first: index entries newer than the checkpoints do no harm.
          const { generation, partitions } = views()
          return { partitions, ids: generation === null ? [] : reads.byCustom(generation, custom) }
        }),
      partitions: async () => asked(() => views().partitions),
      partitionsAhead: async (id) => {
        const scouted = numbers.map((partition) => ahead(partition, id))
        return asked(() => views().partitions.map((view, index) => ({ ...view, scouted: scouted[index]! })))
      },
      scouted: async () => new Map(Array.from(ledgers, ([partition, { scouted }]) => [partition, scouted])),
      heartbeats: async () => asked(reads.heartbeats),
      misroutingSources: async () => asked(reads.misrouting),
      suspects: async (partition) => asked(() => reads.suspects(partition)),
    },

    admin: {
      activeGeneration: async () => asked(reads.active),
      generations: async () => asked(generations),
      activate: write.activate,
      beginBuild: () => write.build({ kind: 'begin' }),
      holdBuild: async (owner, ttlMs) => {
        const nowMs = Date.now()
        return (await write.build({ kind: 'hold', owner, nowMs, untilMs: nowMs + ttlMs })) === 1
      },
      releaseBuild: async (owner) => {
        await write.build({ kind: 'release', owner })
      },
      newGeneration: write.newGeneration,
      removeGeneration: async (generation, onRemoved = () => {}) => {
        for (let removed = 0; ; ) {
          const bite = await write.removeBite(generation)
          if (bite === null) return false
          if (bite === 0) break
          removed += bite
          await onRemoved(removed)
        }
        await write.build({ kind: 'forget', generation })
        return true
      },
      students: async (generation, cursor) => asked(() => reads.page(generation, cursor)),
      claim: write.claim,
      problems: async () => [],
      close: async () => {},
    },

    recentAnswers: {
      add: async (partition, answers, ttlMs) => {
        if (answers.length > 0) await write.recentAnswers({ kind: 'add', partition, answers, ttlMs, nowMs: Date.now() })
      },
      heartbeat: async (recorder, numbered, ttlMs) => {
        await write.recentAnswers({ kind: 'heartbeat', recorder, numbered, ttlMs, nowMs: Date.now() })
      },
      ended: async (recorder) => {
        await write.recentAnswers({ kind: 'ended', recorder })
      },
      recorders: async () => ({ nowMs: Date.now(), open: asked(recent.recorders) }),
    },
  }
}

/** SQLite's errors name tables and files, never stored data; only the code is passed on. */
const asked = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw storeUnavailable(sqliteDetail(error))
  }
}

export const sqliteDetail = (error: unknown): string =>
  error instanceof Error && 'errstr' in error
    ? `SQLite says "${String(error.errstr)}"`
    : 'the SQLite file cannot be used'
