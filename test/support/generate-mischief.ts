import { type Draft, type Erp, say, saySnapshot } from './generate-erp.ts'
import { broken } from './generate-poison.ts'
import type { Random } from './generate-random.ts'

type Mischief = (random: Random, said: Draft[], at: number) => void

const later = (random: Random, said: readonly Draft[], at: number, most = 6): number =>
  Math.min(said.length, at + 1 + random.below(most))

const reordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, reordered(inner)]),
  )
}

/** Comes late. */
const delay: Mischief = (random, said, at) => {
  const [draft] = said.splice(at, 1)
  if (draft !== undefined) said.splice(later(random, said, at), 0, draft)
}

/** Comes much later, as if it had happened later, under the number that it always had. */
const restate: Mischief = (random, said, at) => {
  const [draft] = said.splice(at, 1)
  if (draft !== undefined) said.splice(later(random, said, at, 30), 0, { ...draft, time: '2026-06-14T00:00:00Z' })
}

/** Comes not at all. */
const lose: Mischief = (_, said, at) => void said.splice(at, 1)

const repeat: Mischief = (random, said, at) => {
  const draft = said[at]
  if (draft === undefined) return
  const again = draft.bytes === undefined ? { ...draft, data: reordered(draft.data) } : draft
  said.splice(later(random, said, at, 30), 0, again)
}

/** A publisher starts again from an older point. */
const rewind: Mischief = (random, said, at) =>
  void said.splice(Math.min(said.length, at + 8), 0, ...said.slice(at, at + random.below(8)))

const sameIdOtherContent: Mischief = (random, said, at) => {
  const draft = said[at]
  if (draft === undefined) return
  const data = { ...(draft.data as object), note: random.below(1000) }
  said.splice(later(random, said, at), 0, { ...draft, data })
}

const sameNumberOtherId: Mischief = (random, said, at) => {
  const draft = said[at]
  if (draft !== undefined) said.splice(later(random, said, at), 0, { ...draft, id: `${draft.id}-again` })
}

const withoutNumber: Mischief = (_, said, at) => {
  const draft = said[at]
  if (draft === undefined) return
  const { sequence: _none, ...rest } = draft
  said.splice(at, 1, rest)
}

/** Broken, and mostly corrected: under another id, or under the same one. */
const breakAndCorrect: Mischief = (random, said, at) => {
  const draft = said[at]
  if (draft === undefined) return
  const bad = broken(random, { ...draft, id: random.chance(0.5) ? draft.id : `${draft.id}-bad` })
  said.splice(at, 0, bad)
  if (random.chance(0.3)) said.splice(at + 1, 1)
  else if (random.chance(0.5)) delay(random, said, at + 1)
  if (random.chance(0.2)) said.splice(later(random, said, at), 0, bad)
}

const shuffle: Mischief = (random, said, at) => {
  const window = said.splice(at, 5)
  while (window.length > 0) said.splice(at, 0, ...window.splice(random.below(window.length), 1))
}

const MISCHIEF: readonly (readonly [weight: number, Mischief])[] = [
  [6, delay],
  [3, lose],
  [3, restate],
  [8, repeat],
  [3, rewind],
  [2, sameIdOtherContent],
  [2, sameNumberOtherId],
  [2, withoutNumber],
  [8, breakAndCorrect],
  [3, shuffle],
]

/** Something goes wrong on the way, a few times; and mostly every publisher repairs it in the end with a snapshot. */
export const disturb = (erp: Erp, heal: number): void => {
  const { random, said } = erp
  for (let times = 1 + random.below(4); times > 0 && said.length > 0; times--) {
    random.weighted(MISCHIEF)(random, said, random.below(said.length))
  }
  if (!random.chance(heal)) return
  for (const publisher of erp.publishers) {
    if (random.chance(0.9)) saySnapshot(erp, publisher, publisher.numbered && random.chance(0.6))
  }
  const [first] = erp.publishers
  const active = erp.held.find((held) => held.status === 'active')
  if (first === undefined || active === undefined || random.chance(0.5)) return
  say(erp, first, 'com.example.book-returned', { student: { identifier: erp.student } })
}
