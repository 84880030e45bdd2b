/**
 * Limits the bytes of bodies in memory, in total and for one holder (a client, or the address of an unknown sender). A
 * body without room is refused, never queued. Bytes are charged on arrival, so an announced length costs nothing.
 */
export type ByteBudget = { readonly open: (holder: string) => Holding }

/** The bytes of one request. Closing returns all of them; a closed holding takes nothing more. */
export type Holding = {
  readonly take: (bytes: number) => boolean
  readonly close: () => void
}

export const byteBudget = (most: number, mostEach: number): ByteBudget => {
  /** Only holders with bytes, so there are never more entries than requests. */
  const held = new Map<string, number>()
  let total = 0

  const change = (holder: string, bytes: number): void => {
    total += bytes
    const now = (held.get(holder) ?? 0) + bytes
    if (now === 0) held.delete(holder)
    else held.set(holder, now)
  }

  const open = (holder: string): Holding => {
    let mine = 0
    let closed = false
    return {
      take: (bytes) => {
        if (closed || total + bytes > most || (held.get(holder) ?? 0) + bytes > mostEach) return false
        mine += bytes
        change(holder, bytes)
        return true
      },
      close: () => {
        if (closed) return
        closed = true
        change(holder, -mine)
      },
    }
  }
  return { open }
}
