/**
 * Log lines for pulls without an answer. During an outage, hundreds of them a second have one cause. So there is one
 * line for each branch, code and reason in 10 s: the first at once, then the number of the others.
 *
 * | state of a cause | event          | line                  | next state |
 * |------------------|----------------|-----------------------|------------|
 * | quiet            | a pull         | `count: 1`            | counting   |
 * | counting         | a pull         | –                     | counting   |
 * | counting         | 10 s, some     | their number          | counting   |
 * | counting         | 10 s, none     | –                     | quiet      |
 * | counting         | the end        | their number, if any  | –          |
 */
export type UnansweredPulls = {
  readonly add: (pull: UnansweredPull) => void
  /** Logs what is counted and not logged yet. */
  readonly close: () => void
}

type UnansweredPull = {
  /** `null`: the pull names no branch. */
  readonly branch: string | null
  readonly code: string
  readonly reason: string | undefined
  /** The line has that of its last pull. */
  readonly requestId: string
}

const WINDOW_MS = 10_000
/** The branch of a code that the configuration does not have: whoever pulls chooses it. */
const UNKNOWN_BRANCH = '(not configured)'

export const unansweredPulls = (options: {
  readonly log: { readonly warn: (fields: object, message: string) => void }
  readonly branches: () => readonly { readonly collector_code: string }[]
  readonly windowMs?: number
}): UnansweredPulls => {
  const { log, branches, windowMs = WINDOW_MS } = options
  const counting = new Map<string, { last: UnansweredPull; count: number; readonly timer: NodeJS.Timeout }>()
  let known: { readonly of: unknown; readonly codes: ReadonlySet<string> } | null = null

  const isConfigured = (branch: string): boolean => {
    const of = branches()
    if (known?.of !== of) known = { of, codes: new Set(of.map(({ collector_code }) => collector_code)) }
    return known.codes.has(branch)
  }
  const write = (pull: UnansweredPull, count: number): void => log.warn({ ...pull, count }, 'a pull was not answered')

  const endWindow = (key: string): void => {
    const cause = counting.get(key)!
    if (cause.count === 0) {
      clearInterval(cause.timer)
      counting.delete(key)
      return
    }
    write(cause.last, cause.count)
    cause.count = 0
  }

  return {
    add: (pull) => {
      const branch = pull.branch === null || isConfigured(pull.branch) ? pull.branch : UNKNOWN_BRANCH
      const last = { ...pull, branch }
      const key = JSON.stringify([branch, pull.code, pull.reason])
      const cause = counting.get(key)
      if (cause) {
        cause.last = last
        cause.count += 1
        return
      }
      write(last, 1)
      counting.set(key, { last, count: 0, timer: setInterval(endWindow, windowMs, key).unref() })
    },
    close: () => {
      for (const { last, count, timer } of counting.values()) {
        clearInterval(timer)
        if (count > 0) write(last, count)
      }
      counting.clear()
    },
  }
}
