/**
 * Which records of one partition have come here rerouted: all up to `floor`, and those of `above`, in ascending order.
 * The projector reroutes in the order of the partition that a record lay on, so one watermark would do; but anybody can
 * write that header, and an offset far ahead must not hide what is moved later.
 */
export type Watermark = { readonly floor: number; readonly above: readonly number[] }

export const NOTHING_REROUTED: Watermark = { floor: -1, above: [] }

/** How many are known one by one. Beyond that the order of rerouting is trusted. */
const MOST_KNOWN = 64

export const isKnown = ({ floor, above }: Watermark, offset: number): boolean =>
  offset <= floor || above.includes(offset)

export const withKnown = (rerouted: Watermark, offset: number): Watermark => {
  if (isKnown(rerouted, offset)) return rerouted
  const above = [...rerouted.above, offset].sort((a, b) => a - b)
  return above.length > MOST_KNOWN ? { floor: above[0]!, above: above.slice(1) } : { floor: rerouted.floor, above }
}
