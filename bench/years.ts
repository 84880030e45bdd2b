import { decode } from '../consumers/events/decode.ts'
import type { Content } from '../consumers/events/decoded.ts'
import { foldStudent } from '../consumers/projector/fold-student.ts'
import { calendarOf } from '../projections/values/calendar.ts'
import { paid } from '../test/golden/said.ts'
import { bare } from '../test/support/events.ts'
import { inYear, type Promotion, schoolYears } from '../test/support/school-years.ts'
import { asStudentId, tell } from '../test/support/tell.ts'

/**
 * What a student of many years costs beside one of a single year: the bytes of the record, and the CPU of one more event
 * of the current year from stored record to stored record, without its decoding. No server: node bench/years.ts [--quick]
 */

const EVENTS = 300
const ROUNDS = process.argv.includes('--quick') ? 7 : 31
const rendering = {
  policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
  calendar: calendarOf('Asia/Kolkata'),
} as const

const contents: readonly Content[] = Array.from({ length: EVENTS }, (_, at) => {
  const said = {
    ...paid(`rcpt-2026-${at % 8}`, 4000, {}, inYear(2026)),
    id: `more-${at}`,
    time: '2026-08-01T09:00:00Z',
  }
  const decoded = decode(bare(said, { offset: 1000 + at, timestampMs: 1_785_000_000_000 }))
  if (decoded.kind !== 'student') throw new Error('the bench wrote a bad event')
  return decoded.content
})

const microsAnEvent = (record: Buffer): number => {
  const before = process.cpuUsage()
  for (const content of contents)
    foldStudent({ identifier: asStudentId('S-1'), items: [{ content, rerouted: false }] }, record, rendering)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / EVENTS
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const PROMOTIONS: readonly Promotion[] = ['enrolled', 'left', 'transferred']
console.log(
  '| promoted by | years | record, bytes | × one year | CPU µs an event | × one year |\n|---|---|---|---|---|---|',
)
for (const how of PROMOTIONS) {
  const years = [1, 3, 10, 12]
  const records = years.map((count) => tell(...schoolYears(count, how)).bytes!)
  for (const record of records) microsAnEvent(record)
  // In turn, so that the machine's moods meet all of them alike.
  const rounds = Array.from({ length: ROUNDS }, () => records.map(microsAnEvent))
  const micros = records.map((_, index) => median(rounds.map((round) => round[index]!)))
  years.forEach((count, index) => {
    const [bytes, cost] = [records[index]!.length, micros[index]!]
    const ratios = [bytes / records[0]!.length, cost / micros[0]!].map((ratio) => ratio.toFixed(2))
    console.log(`| ${how} | ${count} | ${bytes} | ${ratios[0]} | ${cost.toFixed(1)} | ${ratios[1]} |`)
  })
}
