/**
 * Long pieces of synchronous work of this process, one in a turn of the event loop, each followed by a rest of the
 * same length. Without the line, 24 bodies of 1 MiB were each validated for 40 ms in one turn, and another client's
 * pull waited 6 s. In the rest, work that came meanwhile is done.
 */
export const longSteps = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => T): Promise<T> => {
    const step = last.then(async () => {
      await new Promise((resolve) => void setImmediate(resolve))
      const beganMs = performance.now()
      try {
        return work()
      } finally {
        await new Promise((resolve) => void setTimeout(resolve, restMs(performance.now() - beganMs)))
      }
    })
    last = step.catch(() => {})
    return step
  }
}

/** The process's one line of such steps. */
export const longStep = longSteps()

const MOST_REST_MS = 100

/** A machine that is busy elsewhere makes a step long by the clock. */
const restMs = (stepMs: number): number => Math.min(stepMs, MOST_REST_MS)
