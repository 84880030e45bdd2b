/** Asks the store what a reader of the live generation asks, again and again, beside the thread that folds. */
export type Probe = {
  /** Hears of each probe how long it took (infinite where it failed), and whether the build rested all the while. */
  readonly start: (felt: (ms: number, quiet: boolean) => void) => void
  /** Tells it that the build rests, or goes on. */
  readonly quiet: (rests: boolean) => void
  readonly close: () => Promise<void>
}
