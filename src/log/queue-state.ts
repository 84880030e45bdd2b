import type { WaitingBatch } from './waiting-batch.ts'

export type QueueItem =
  | { readonly kind: 'batch'; readonly batch: WaitingBatch }
  | { readonly kind: 'out-of-range' | 'recheck' }

/** Offsets: `position` is delivered next, `fetchFrom` is fetched next. */
export type Offsets = { readonly position: number; readonly fetchFrom: number }

export type QueueState =
  | { readonly kind: 'asking' | 'parked' | 'closed' }
  | ({ readonly kind: 'reading' | 'unreadable' } & Offsets)

/** The state of one partition's queue; a closed one stays closed. */
export const queueState = () => {
  let state: QueueState = { kind: 'asking' }
  return {
    now: (): QueueState => state,
    enter: (next: QueueState): void => {
      if (state.kind !== 'closed') state = next
    },
    isClosed: (): boolean => state.kind === 'closed',
    /** `null`: no offset is known. */
    offsets: (): Offsets | null => (state.kind === 'reading' || state.kind === 'unreadable' ? state : null),
    /** Changes offsets and keeps the state's kind. */
    move: (to: Partial<Offsets>): void => {
      if (state.kind === 'reading' || state.kind === 'unreadable') state = { ...state, ...to }
    },
    /** What was fetched and not delivered is fetched again. */
    fetchAgain: (): void => {
      if (state.kind === 'reading' || state.kind === 'unreadable') state = { ...state, fetchFrom: state.position }
    },
  }
}
