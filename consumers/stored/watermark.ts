/**
 * Which records of one partition have come here rerouted: all up to `floor`, and those of `above`, in ascending order.
 * The projector reroutes in the order of the partition that a record lay on, so one watermark would do. But anybody can
 * write that header, and an offset far ahead must not hide what is moved later: so the floor only rises to an offset
 * where the log holds the misrouted original.
 */
export type Watermark = { readonly floor: number; readonly above: readonly number[] }

export const NOTHING_REROUTED: Watermark = { floor: -1, above: [] }

/** How many are known one by one. Beyond that the order of rerouting is trusted. */
const MOST_KNOWN = 64

export const isKnown = ({ floor, above }: Watermark, offset: number): boolean =>
  offset <= floor || above.includes(offset)

/**
 * The same watermark where it knows the offset already.
 *
 * @param isOriginal whether the log holds a misrouted record there that belongs here; asked where there is no more room
 */
export const withKnown = (rerouted: Watermark, offset: number, isOriginal: (offset: number) => boolean): Watermark => {
  if (isKnown(rerouted, offset)) return rerouted
  const above = [...rerouted.above, offset].sort((a, b) => a - b)
  if (above.length <= MOST_KNOWN) return { floor: rerouted.floor, above }
  const lowest = above.shift()!
  return { floor: isOriginal(lowest) ? lowest : rerouted.floor, above }
}
