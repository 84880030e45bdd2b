/** Repeats a reader's query on the live generation, outside the folding thread. */
export type Probe = {
  /** Reports the duration of each probe, infinite where it failed, and whether the build paused during all of it. */
  readonly start: (onProbe: (ms: number, quiet: boolean) => void) => void
  /** Reports that the build pauses or continues. */
  readonly quiet: (paused: boolean) => void
  readonly close: () => Promise<void>
}
