/** How many bytes of bodies may be in memory at once; a body that finds no room is turned away, never queued. */
export type ByteBudget = {
  readonly take: (bytes: number) => boolean
  readonly give: (bytes: number) => void
}

export const byteBudget = (most: number): ByteBudget => {
  let taken = 0
  return {
    take: (bytes) => {
      if (taken + bytes > most) return false
      taken += bytes
      return true
    },
    give: (bytes) => {
      taken -= bytes
    },
  }
}
