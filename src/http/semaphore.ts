/** So many tasks at once, so many more waiting; `null` where there is no room. Tasks never overtake each other. */
export type Semaphore = { readonly run: (task: () => Promise<boolean>) => Promise<boolean> | null }

export const semaphore = (atOnce: number, maxWaiting: number): Semaphore => {
  const waiting: (() => void)[] = []
  let running = 0
  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
  const enter = (): Promise<void> | null => {
    if (running < atOnce) {
      running += 1
      return Promise.resolve()
    }
    return waiting.length < maxWaiting ? new Promise((resolve) => waiting.push(resolve)) : null
  }
  const run = (task: () => Promise<boolean>) => enter()?.then(task).finally(leave) ?? null
  return { run }
}
