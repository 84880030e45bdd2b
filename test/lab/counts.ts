/** How often each fault was injected and each guard was seen to act. */
export type Counts = {
  readonly add: (what: string, times?: number) => void
  readonly of: (what: string) => number
  readonly all: () => Readonly<Record<string, number>>
}

/** @param heard is told of everything that is counted, as it happens */
export const newCounts = (heard: (what: string) => void = () => {}): Counts => {
  const counted = new Map<string, number>()
  return {
    add: (what, times = 1) => {
      counted.set(what, (counted.get(what) ?? 0) + times)
      heard(what)
    },
    of: (what) => counted.get(what) ?? 0,
    all: () => Object.fromEntries([...counted].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
