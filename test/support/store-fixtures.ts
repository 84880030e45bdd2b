import type { PartitionWrite } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'

export const sid = (text: string): StudentId => text as StudentId

/** A write of nothing but a checkpoint, with what a test cares about over it. */
export const batch = (over: Partial<PartitionWrite> = {}): PartitionWrite => ({
  generation: 1,
  partition: 0,
  expected: null,
  checkpoint: { next: 1, metadata: '' },
  records: new Map(),
  customAdded: [],
  customRemoved: [],
  suspectAdded: [],
  suspectRemoved: [],
  heartbeats: new Map(),
  misrouting: [],
  ...over,
})

export const records = (entries: Readonly<Record<string, string>>): PartitionWrite['records'] =>
  new Map(Object.entries(entries).map(([id, text]) => [sid(id), Buffer.from(text)]))

/** Text that breaks stores built on objects, patterns, separators or hash tags. */
export const weirdTexts = [
  '__proto__',
  'constructor',
  ' ',
  ' leading and trailing ',
  '007',
  '7',
  '{',
  '}{',
  '{0}',
  'a{b}c',
  ':s:',
  'pg:1:{0}:s:x',
  '*',
  'a?[b]\\',
  '-1',
  'é',
  'e\u0301',
  'अनुष्का',
  '\u2028',
  '\uFFFF',
  '\u{1F393}'.repeat(128),
] as const
