/**
 * The order in which credentials that nobody knows yet are verified. A verification takes some 80 ms of a core, so that
 * guesses are many and turns are few. Right credentials must not wait behind wrong ones:
 *
 * - whose address has failed least of late comes first, then whose name has, then who came last. Guesses fall back by
 *   failing; and among equals, newest first serves somebody in time where oldest first would serve everybody too late;
 * - where the next one's address or name is over its rate, the lane rests between two of them: guessing costs a part of
 *   a core, and right credentials among the guesses still have their turn soon;
 * - a connection has one attempt in the queue at a time, and one that is gone has none. The queue is bounded: beyond it
 *   somebody is turned away, the newcomer or the one that has waited longest, whoever has failed more.
 */
export type LoginQueue = { readonly enter: (attempt: LoginAttempt) => Promise<LoginVerdict> }

export type LoginAttempt = {
  readonly charged: (nowMs: number) => Charged
  readonly isGone: () => boolean
  readonly verify: () => Promise<boolean>
}

/** Failures of late that are charged to the attempt's address and name; `isOver`: one of them is over its rate. */
export type Charged = { readonly address: number; readonly name: number; readonly isOver: boolean }

export type LoginVerdict = 'right' | 'wrong' | 'turned_away'

type WaitingLogin = LoginAttempt & { readonly sinceMs: number; readonly settle: (verdict: LoginVerdict) => void }

export type LoginQueueLimits = {
  /** Verifications at once. */
  readonly lanes: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

/** The lane rests so many times as long as a verification took, so guesses have a quarter of it. */
const REST_FACTOR = 3

export const loginQueue = ({ lanes, maxWaiting, maxWaitMs }: LoginQueueLimits): LoginQueue => {
  /** In the order of their arrival. */
  const waiting = new Set<WaitingLogin>()
  let running = 0
  let restUntilMs = 0
  let timer: NodeJS.Timeout | null = null

  const turnAway = (attempt: WaitingLogin): void => {
    waiting.delete(attempt)
    attempt.settle('turned_away')
  }

  const next = (nowMs: number): { readonly attempt: WaitingLogin; readonly charged: Charged } | null => {
    let first: { readonly attempt: WaitingLogin; readonly charged: Charged } | null = null
    for (const attempt of waiting) {
      if (attempt.isGone() || nowMs - attempt.sinceMs > maxWaitMs) {
        turnAway(attempt)
        continue
      }
      const charged = attempt.charged(nowMs)
      if (first === null || compare(charged, first.charged) <= 0) first = { attempt, charged }
    }
    return first
  }

  const start = async (attempt: WaitingLogin, rests: boolean): Promise<void> => {
    running += 1
    waiting.delete(attempt)
    const beganMs = performance.now()
    const verdict = await attempt.verify().then(
      (isRight) => (isRight ? 'right' : 'wrong'),
      () => 'turned_away' as const,
    )
    attempt.settle(verdict)
    const nowMs = performance.now()
    if (rests) restUntilMs = nowMs + (nowMs - beganMs) * REST_FACTOR
    running -= 1
    // Whoever was answered is charged before the next one is chosen.
    setImmediate(advance)
  }

  const advance = (): void => {
    clearTimeout(timer ?? undefined)
    timer = null
    while (running < lanes) {
      const nowMs = performance.now()
      const chosen = next(nowMs)
      if (chosen === null) return
      if (chosen.charged.isOver && nowMs < restUntilMs) {
        timer = setTimeout(advance, restUntilMs - nowMs)
        return
      }
      void start(chosen.attempt, chosen.charged.isOver)
    }
  }

  const enter = (attempt: LoginAttempt): Promise<LoginVerdict> =>
    new Promise((settle) => {
      const nowMs = performance.now()
      const newcomer = { ...attempt, sinceMs: nowMs, settle }
      const [oldest] = waiting
      waiting.add(newcomer)
      if (oldest !== undefined && waiting.size > maxWaiting)
        turnAway(compare(newcomer.charged(nowMs), oldest.charged(nowMs)) <= 0 ? oldest : newcomer)
      advance()
    })
  return { enter }
}

/** Below zero: `a` has failed less. */
const compare = (a: Charged, b: Charged): number => a.address - b.address || a.name - b.name
