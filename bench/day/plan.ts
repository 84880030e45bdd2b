/** A stretch of a day: how many pulls a second, for how long. */
export type Stretch = { readonly perSecond: number; readonly forMs: number }

/** When each pull of such a day is due, milliseconds from its start, evenly within a stretch. */
export const planOf = (stretches: readonly Stretch[]): Float64Array => {
  const due: number[] = []
  let beganMs = 0
  for (const { perSecond, forMs } of stretches) {
    const count = Math.round((perSecond * forMs) / 1000)
    for (let turn = 0; turn < count; turn += 1) due.push(beganMs + (turn * 1000) / perSecond)
    beganMs += forMs
  }
  return Float64Array.from(due)
}
