import { partitionOf } from '../../../consumers/ports/partition.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { decode, studentNamed } from '../../model/decode.ts'
import { generateHistory, type Publication } from '../../support/generate.ts'
import { type Random, randomOf } from '../../support/generate-random.ts'
import type { Settings } from './roles.ts'

/** What one seed decides before anything happens. */
export type Plan = {
  readonly seed: number
  readonly settings: Settings
  readonly publications: readonly Publication[]
  readonly students: readonly StudentId[]
  /** What is looked up alone, without a student. */
  readonly customs: readonly string[]
  readonly projectors: number
  readonly gateways: number
  /** How long faults go on, virtual milliseconds. */
  readonly troubleMs: number
  readonly faults: number
}

const TOPIC = 'erp.student-events'
const TIMEZONE = 'Asia/Kolkata'
/** Made once: it takes milliseconds. */
export const CALENDAR = calendarOf(TIMEZONE)

export const planOf = (seed: number): Plan => {
  const random = randomOf(seed)
  const partitions = 2 + random.below(3)
  const publications = generateHistory(seed, {
    students: 2 + random.below(3),
    partitions,
    steps: 14,
    flood: 0,
    misrouting: 0.2,
  })
  return {
    seed,
    settings: settingsOf(random, partitions),
    publications,
    students: studentsOf(publications, partitions),
    customs: customsOf(publications),
    projectors: 1 + random.below(3),
    gateways: 1 + random.below(2),
    troubleMs: 8000 + random.below(12_000),
    faults: random.chance(0.05) ? 0 : 2 + random.below(7),
  }
}

const settingsOf = (random: Random, partitions: number): Settings => ({
  topic: TOPIC,
  partitions,
  policy: {
    balance_basis: random.pick(['payable', 'net_of_direct', 'outstanding']),
    paid_instalments: random.pick(['omit', 'zero']),
  },
  timezone: TIMEZONE,
  mode: random.chance(0.75) ? 'strict' : 'bounded',
  waitMs: 250,
  boundMs: 2000,
  marksAtMost: random.chance(0.2) ? 2 : 1000,
  lastKnownGoodMs: random.chance(0.3) ? 60_000 : 0,
  withErp: random.chance(0.7),
  heartbeat: random.chance(0.4)
    ? { branch: 'BLR-01', source: '/erp/blr-01', maxAgeMs: 1500 + random.below(2000) }
    : null,
})

const CUSTOM = /"custom_identifier":"?([^",}]+)/g

const customsOf = (publications: readonly Publication[]): readonly string[] => [
  ...new Set(publications.flatMap(({ value }) => [...String(value).matchAll(CUSTOM)].map(([, custom]) => custom!))),
]

const studentsOf = (publications: readonly Publication[], partitions: number): readonly StudentId[] => {
  const named = publications.map(({ partition, key, value, headers, timestampMs }) =>
    studentNamed(
      decode({
        partition: partition ?? partitionOf(key?.toString() ?? '', partitions),
        offset: 0,
        key,
        value,
        headers,
        timestampMs,
      }),
    ),
  )
  return [...new Set(named.filter((name) => name !== null))] as unknown as StudentId[]
}
