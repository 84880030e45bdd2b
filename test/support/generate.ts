import { partitionOf } from '../model/murmur2.ts'
import { isCommonGround } from './common-ground.ts'
import { type Publication, publicationOf, type Routing, type Shape, shaped } from './generate-encode.ts'
import { type Draft, type Erp, type Publisher, sayArrival, sayOf } from './generate-erp.ts'
import { EXCESSES } from './generate-excess.ts'
import { disturb } from './generate-mischief.ts'
import { type Random, randomOf } from './generate-random.ts'
import { step } from './generate-steps.ts'

export type { Publication } from './generate-encode.ts'

export type Options = {
  readonly students?: number
  readonly partitions?: number
  /** At most so many things happen per student. */
  readonly steps?: number
  /** How probable it is that something goes wrong with a student. */
  readonly trouble?: number
  /** How probable it is that the publishers then repair it by snapshots. */
  readonly heal?: number
  /** How probable it is that a student's source, or a single record, lands on other partitions. */
  readonly misrouting?: number
  /** How probable it is that a student gets more waiting events than there is room for. */
  readonly flood?: number
  /** Some records bear headers as on a record that a mirror has copied, or that somebody made up. */
  readonly forged?: boolean
  /** Also lives that the model and the product read by different rules. */
  readonly beyond?: boolean
  /** Put before every identifier, so that several histories share one log. */
  readonly prefix?: string
}

const IDENTIFIERS = [
  'S-1',
  '007',
  '__proto__',
  'constructor',
  ' spaced out ',
  'অনিতা',
  '2026',
  'toString',
  'S-é',
] as const
const START_MS = Date.parse('2026-05-01T00:00:00Z')

/**
 * What a few publishers hand to Kafka about a few students, in this order. The same seed and options give the same
 * records. Most students end healthy; some go through suspicion, and some stay there.
 */
export const generateHistory = (seed: number, options: Options = {}): Publication[] => {
  const random = randomOf(seed)
  const partitions = options.partitions ?? 16
  const queues = Array.from({ length: options.students ?? 5 }, (_, index) => {
    const name = IDENTIFIERS[index % IDENTIFIERS.length]!
    const again = index < IDENTIFIERS.length ? '' : `-${index}`
    return history(random, `${options.prefix ?? ''}${name}${again}`, options)
  })
  const published: Publication[] = []
  let nowMs = START_MS
  /** Records are published after they happened; some publishers' clocks are slow. */
  const publish = (one: Omit<Publication, 'timestampMs'>, happened?: string) => {
    const happenedMs = Date.parse(happened ?? '')
    nowMs = Math.max(nowMs + 10, Number.isNaN(happenedMs) ? 0 : happenedMs + 1000)
    const slowMs = random.chance(0.01) ? random.below(48) * 3_600_000 : 0
    published.push({ ...one, timestampMs: nowMs - slowMs })
  }
  while (queues.length > 0) {
    const queue = random.pick(queues)
    const next = queue.drafts.shift()
    if (next === undefined) queues.splice(queues.indexOf(queue), 1)
    else {
      const shape = random.chance(0.8) ? queue.shape : random.pick(SHAPES)
      const routing = queue.misrouted.has(next.source) || random.chance(queue.strays) ? random.pick(WRONG) : 'murmur2'
      const one = publicationOf(random, next, { shape, routing, partitions })
      const forged = options.forged === true && random.chance(0.01)
      publish(forged ? { ...one, headers: [...one.headers, ...forgedHeaders(random)] } : one, next.time)
    }
    if (random.chance(0.03)) publish(noise(random, partitions))
  }
  return published
}

/** As on a record that a mirror of the topic has copied, or that somebody made up. */
const forgedHeaders = (random: Random): Publication['headers'] => [
  ['pullgate-rerouted-from', Buffer.from('erp.student-events/0/999999')],
  ...(random.chance(0.5) ? [['pullgate-rerouted-topic', Buffer.from('another-log')] as const] : []),
]

const SHAPES: readonly Shape[] = ['structured', 'binary', 'bare']
const WRONG: readonly Routing[] = ['crc32', 'crc32', 'anywhere']

const history = (random: Random, student: string, options: Options) => {
  const second: Publisher = { source: '/erp/cash', numbered: random.chance(0.5), next: 1 }
  const third: Publisher = { source: '/erp/transport', numbered: random.chance(0.5), next: 1 }
  const first: Publisher = { source: '/erp/main', numbered: random.chance(0.7), next: 1 }
  const publishers = [first, second, third].slice(
    0,
    random.weighted([
      [5, 1],
      [4, 2],
      [2, 3],
    ]),
  )
  const drafts = compared(() => life(random, student, publishers, options), options.beyond ?? false)
  const misrouting = options.misrouting ?? 0.1
  return {
    drafts: [...drafts],
    shape: random.pick(SHAPES),
    misrouted: new Set(publishers.map(({ source }) => source).filter(() => random.chance(misrouting))),
    strays: random.chance(misrouting) ? 0.2 : 0,
  }
}

const life = (
  random: Random,
  student: string,
  publishers: readonly Publisher[],
  options: Options,
): readonly Draft[] => {
  const counting = publishers.map((publisher) => ({ ...publisher }))
  const erp: Erp = { random, student, publishers: counting, held: [], said: [], count: 0, collected: null }
  const first = counting[0]!
  sayArrival(erp, first)
  for (let steps = 2 + random.below(options.steps ?? 18); steps > 0; steps--) step(erp)
  if (random.chance(options.flood ?? 0.005)) flood(erp, first)
  if (random.chance(options.flood ?? 0.005)) random.pick(EXCESSES)(erp, first)
  if (random.chance(options.trouble ?? 0.55)) disturb(erp, options.heal ?? 0.6)
  return erp.said
}

const MOST_TRIES = 200

/** A life that the model and the product read by the same rules; after many tries one without events. */
const compared = (make: () => readonly Draft[], beyond: boolean): readonly Draft[] => {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const drafts = make()
    if (beyond || isCommonGround(drafts)) return drafts
  }
  return []
}

/** One number stays away for longer than there is room to wait. */
const flood = (erp: Erp, publisher: Publisher): void => {
  const [held] = erp.held
  if (held === undefined || !publisher.numbered) return
  sayOf(erp, publisher, held, 'erp.fee.changed.v1', { component_type: 'BUS', amount: 1 })
  const missing = erp.said.pop()!
  for (let i = 0; i < 270; i++) {
    sayOf(erp, publisher, held, 'erp.fee.changed.v1', { component_type: 'BUS', amount: i })
  }
  erp.said.push(missing)
}

const HEARTBEAT: Omit<Draft, 'id'> = {
  student: 'anything',
  source: '/erp/main',
  type: 'erp.heartbeat.v1',
  time: '2026-05-01T00:00:00Z',
  data: undefined,
}

/** Heartbeats, tombstones, foreign events and garbage, that are about no student. */
const noise = (random: Random, partitions: number): Omit<Publication, 'timestampMs'> => {
  const partition = random.below(partitions)
  const id = String(random.below(1_000_000))
  const nobody = Buffer.from(`nobody-${id}`)
  return random.pick([
    { partition, key: null, ...shaped({ ...HEARTBEAT, id }, random.pick(['structured', 'bare'])) },
    { partition, key: Buffer.from('x'), ...shaped({ ...HEARTBEAT, id }, 'binary'), value: null },
    { partition, key: nobody, value: null, headers: [] },
    { partition, key: null, value: Buffer.from('no json'), headers: [] },
    { partition, key: null, ...shaped({ ...HEARTBEAT, id, type: 'com.example.tick', data: 1 }, 'bare') },
    { partition: partitionOf(nobody, partitions), key: nobody, value: Buffer.from('{'), headers: [] },
  ])
}
