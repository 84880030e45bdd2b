/** Repeats a reader's query on the live generation, outside the folding thread. */
export type Probe = {
  /** Hears of each probe how long it took (infinite where it failed), and whether the build rested all the while. */
  readonly start: (felt: (ms: number, quiet: boolean) => void) => void
  /** Tells it that the build rests, or goes on. */
  readonly quiet: (rests: boolean) => void
  readonly close: () => Promise<void>
}
