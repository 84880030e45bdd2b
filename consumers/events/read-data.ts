import { type EventType, eventData, type Fact } from '../../projections/events/event.ts'

/** One thing wrong with an event's data; `path` leads to it from the data. */
export type DataProblem = { readonly path: readonly PropertyKey[]; readonly message: string }

export type ReadData =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'invalid'; readonly problems: readonly DataProblem[] }

/** An event's data as its type has it. `source` is the envelope's, where that can be read. */
export const readData = (type: EventType, data: unknown, source: unknown): ReadData => {
  const parsed = eventData[type].safeParse(data)
  if (!parsed.success) return { kind: 'invalid', problems: parsed.error.issues }
  const fact = { type, data: parsed.data } as Fact
  const index = replacesItself(fact, source)
  if (index < 0) return { kind: 'fact', fact }
  return { kind: 'invalid', problems: [{ path: ['replaces', index], message: 'must be another source than its own' }] }
}

/** Its own events after the snapshot would be those of a source that is replaced: conflicts. */
const replacesItself = (fact: Fact, source: unknown): number =>
  fact.type === 'erp.student.snapshot.v1' && typeof source === 'string'
    ? (fact.data.replaces ?? []).indexOf(source)
    : -1
