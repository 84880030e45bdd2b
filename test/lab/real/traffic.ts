import type { Log, NewRecord } from '../../../consumers/ports/log.ts'
import { partitionOfKey } from '../../../consumers/ports/partition.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { decode, studentNamed } from '../../model/decode.ts'
import { generateHistory, type Publication } from '../../support/generate.ts'
import { type Random, randomOf } from '../../support/generate-random.ts'
import type { Seen } from '../checks/answers.ts'
import type { TrafficOptions } from './servers.ts'

/** What was published, as far as it was acknowledged. */
export type Publishing = {
  /** Per partition: the offset after the last acknowledged record. */
  readonly acknowledged: readonly number[]
  /** The same at an earlier moment, Unix milliseconds. */
  readonly acknowledgedAt: (atMs: number) => readonly number[]
  readonly students: readonly StudentId[]
  /** Custom identifiers, each of one year's students. */
  readonly customs: readonly string[]
  readonly records: () => number
  /** Of these: with headers of another cluster. */
  readonly mirrored: () => number
  readonly stop: () => Promise<void>
}

/** Histories of generated students, one school year after another, until it is stopped. */
export const publish = (
  log: Log,
  topic: string,
  partitions: number,
  seed: number,
  { misrouting, isMirrored }: TrafficOptions,
): Publishing => {
  const acknowledged = Array.from({ length: partitions }, () => 0)
  const timeline: { readonly atMs: number; readonly ends: readonly number[] }[] = []
  const students: StudentId[] = []
  const customs: string[] = []
  let stopped = false
  let count = 0
  let mirrored = 0
  const random = randomOf(seed)

  const recordOf = ({ partition, key, value, headers }: Publication): NewRecord => ({
    topic,
    partition: partition ?? partitionOfKey(key ?? Buffer.alloc(0), partitions),
    key,
    value,
    headers: isMirrored && random.chance(MIRRORED) ? [...headers, ...mirroredHeaders(topic, partitions)] : headers,
    timestampMs: Date.now(),
  })

  /** As a mirror copies them: the place is of the other cluster, and so is the topic's id. */
  const mirroredHeaders = (name: string, count: number): NewRecord['headers'] => {
    mirrored += 1
    return [
      ['pullgate-rerouted-from', Buffer.from(`${name}/${random.below(count)}/${random.below(50)}`)],
      ['pullgate-rerouted-topic', Buffer.from('bWlycm9yZWQtZnJvbS0wMQ')],
    ]
  }

  /** Says it again until it is acknowledged: repeats are known by their ids. */
  const insist = async (records: readonly NewRecord[]): Promise<void> => {
    while (!stopped) {
      const positions = await log.append(records).catch(() => null)
      if (positions === null) continue
      for (const { partition, offset } of positions)
        acknowledged[partition] = Math.max(acknowledged[partition]!, offset + 1)
      timeline.push({ atMs: Date.now(), ends: [...acknowledged] })
      count += records.length
      return
    }
  }

  const run = async (): Promise<void> => {
    for (let year = 1; !stopped; year += 1) {
      const options = { students: 8, partitions, prefix: `${year}-`, flood: 0, misrouting }
      const history = generateHistory(seed + year, options).map((one) => ofYear(one, year))
      students.push(...studentsOf(history, partitions))
      customs.push(...CUSTOMS.map((custom) => `${custom}-${year}`))
      for (let at = 0; at < history.length && !stopped; ) {
        const records = history.slice(at, at + 1 + random.below(4)).map(recordOf)
        at += records.length
        await insist(records)
        await new Promise((resolve) => setTimeout(resolve, random.below(30)))
      }
    }
  }
  const running = run()
  return {
    acknowledged,
    acknowledgedAt: (atMs) => timeline.findLast((one) => one.atMs <= atMs)?.ends ?? acknowledged.map(() => 0),
    students,
    customs,
    records: () => count,
    mirrored: () => mirrored,
    stop: () => {
      stopped = true
      return running
    },
  }
}

const MIRRORED = 0.05

/** Those that the generator gives out. */
const CUSTOMS = ['X1', 'X2'] as const

/** So that few students bear the same one: hardly any lookup by it alone would have an answer else. */
const ofYear = (publication: Publication, year: number): Publication => {
  if (publication.value === null) return publication
  const text = CUSTOMS.reduce(
    (value, custom) => value.replaceAll(`"${custom}"`, `"${custom}-${year}"`),
    publication.value.toString('latin1'),
  )
  return { ...publication, value: Buffer.from(text, 'latin1') }
}

const studentsOf = (history: readonly Publication[], partitions: number): readonly StudentId[] => {
  const named = history.map(({ partition, ...one }) =>
    studentNamed(
      decode({
        ...one,
        partition: partition ?? partitionOfKey(one.key ?? Buffer.alloc(0), partitions),
        offset: 0,
      } as never),
    ),
  )
  return [...new Set(named.filter((name) => name !== null))] as unknown as StudentId[]
}

/** A pull as it was made; what it must include follows from what was acknowledged before. */
export type RealPull = Omit<Seen, 'identifier' | 'required' | 'strays' | 'reach'> & {
  /** `null`: asked by custom identifier alone. */
  readonly identifier: StudentId | null
  readonly acknowledged: readonly number[]
  /** What was acknowledged one second earlier: a leader that was cut off may be believed for so long. */
  readonly acknowledgedBefore: readonly number[]
  readonly misrouting: readonly string[]
  readonly status: number
  readonly ms: number
}

export type Pulling = { readonly made: readonly RealPull[]; readonly stop: () => Promise<void> }

export type PullingDeps = {
  readonly gateways: () => readonly { readonly url: string }[]
  readonly publishing: Publishing
  readonly authorization: string
  /** Publishers that the projection has known as misrouting for a while. */
  readonly misrouting: () => readonly string[]
  readonly random: Random
  readonly callers: number
}

/** Some callers at once, each with one pull after another. */
export const pull = (deps: PullingDeps): Pulling => {
  const made: RealPull[] = []
  let stopped = false
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const one = await pullOnce(deps)
      if (one) made.push(one)
      else await new Promise((resolve) => setTimeout(resolve, 50))
      await new Promise((resolve) => setTimeout(resolve, deps.random.below(40)))
    }
  }
  const all = Promise.all(Array.from({ length: deps.callers }, caller))
  return {
    made,
    stop: async () => {
      stopped = true
      await all
    },
  }
}

/** For how long a leader that was cut off and replaced may be believed. */
export const CUT_OFF_BELIEVED_MS = 1000

/** `null`: nobody was there to be asked, or the connection broke. */
export const pullOnce = async (deps: PullingDeps, asked?: RealPull['query']): Promise<RealPull | null> => {
  const { gateways, publishing, authorization, misrouting, random } = deps
  const ready = gateways()
  if (ready.length === 0 || publishing.students.length === 0) return null
  const query = asked ?? anyQuery(publishing, random)
  const acknowledged = [...publishing.acknowledged]
  const known = misrouting()
  const [askedMs, began] = [Date.now(), performance.now()]
  const url = `${random.pick(ready).url}/fetch-student?${new URLSearchParams(query)}`
  try {
    const response = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(20_000) })
    const body = await response.text()
    const isAnswer = response.status === 200 || response.status === 422
    return {
      identifier: (query.identifier as StudentId | undefined) ?? null,
      query,
      askedMs,
      acknowledged,
      acknowledgedBefore: publishing.acknowledgedAt(askedMs - CUT_OFF_BELIEVED_MS),
      misrouting: known,
      status: response.status,
      ms: performance.now() - began,
      result: {
        kind: isAnswer ? 'answer' : 'failure',
        status: response.status,
        body,
        source: response.headers.get('x-pullgate-source') ?? '',
        reason: response.headers.get('x-pullgate-reason') ?? undefined,
      },
    }
  } catch {
    return null
  }
}

const BY_CUSTOM = 0.15

const anyQuery = ({ students, customs }: Publishing, random: Random): RealPull['query'] =>
  random.chance(BY_CUSTOM)
    ? { custom_identifier: random.pick(customs.slice(-10)) }
    : { identifier: random.pick(students.slice(-40)) }
