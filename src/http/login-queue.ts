/**
 * Decides the order in which unknown credentials are verified. One verification takes about 80 ms of a core, so wrong
 * guesses must not delay correct credentials:
 *
 * - The attempt whose address has failed least is first, then the one whose name has failed least, then the newest.
 * Guesses fall back by failing. Among equals, newest first serves some clients in time, while oldest first would serve
 * all too late.
 * - Between two attempts whose address or name is over its failure rate the queue pauses. Guessing then uses a part of a
 *   core, and correct credentials still get their turn soon.
 * - A connection has at most one attempt in the queue; a closed connection has none. The queue is bounded. When it is
 * full, the new attempt or the longest-waiting one is refused, whichever has failed more.
 *
 * | queue   | event                                                    | next state                                 |
 * |---------|----------------------------------------------------------|--------------------------------------------|
 * | idle    | an attempt enters                                        | busy                                       |
 * | busy    | a verification ends                                      | busy with the next attempt, idle without   |
 * | busy    | the next attempt is over its rate                        | pausing                                    |
 * | pausing | an attempt within its rate enters                        | busy                                       |
 * | pausing | `REST_FACTOR` × the last such verification's time passed | busy                                       |
 */
export type LoginQueue = { readonly enter: (attempt: LoginAttempt) => Promise<LoginResult> }

export type LoginAttempt = {
  readonly charged: (nowMs: number) => Charged
  readonly isGone: () => boolean
  readonly verify: () => Promise<boolean>
}

/** Recent failures charged to the attempt's address and name; `isOver`: one of them is over its rate. */
export type Charged = { readonly address: number; readonly name: number; readonly isOver: boolean }

export type LoginResult = 'right' | 'wrong' | 'turned_away'

type WaitingLogin = LoginAttempt & { readonly sinceMs: number; readonly settle: (result: LoginResult) => void }

export type LoginQueueLimits = {
  /** Number of verifications in parallel. */
  readonly workers: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
}

/** Pause as a multiple of a verification's time, so that guesses take a quarter of a worker. */
const REST_FACTOR = 3

export const loginQueue = ({ workers, maxWaiting, maxWaitMs }: LoginQueueLimits): LoginQueue => {
  /** In order of arrival. */
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
    const result = await attempt.verify().then(
      (isRight) => (isRight ? 'right' : 'wrong'),
      () => 'turned_away' as const,
    )
    attempt.settle(result)
    const nowMs = performance.now()
    if (rests) restUntilMs = nowMs + (nowMs - beganMs) * REST_FACTOR
    running -= 1
    // The answered attempt is charged before the next one is chosen.
    setImmediate(advance)
  }

  const advance = (): void => {
    clearTimeout(timer ?? undefined)
    timer = null
    while (running < workers) {
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

  const enter = (attempt: LoginAttempt): Promise<LoginResult> =>
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
