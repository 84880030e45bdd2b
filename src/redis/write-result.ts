import type { WriteResult } from '../../consumers/ports/store.ts'

/** Decodes the reply `{code, next}` of the compare-and-set scripts. */
export const writeResult = (reply: unknown): WriteResult => {
  const [code, next] = reply as [number, string]
  switch (code) {
    case 0:
      return { kind: 'applied' }
    case 1:
      return { kind: 'behind', at: Number(next) }
    case 2:
      return { kind: 'ahead', at: Number(next) }
    case 3:
      return { kind: 'absent' }
    case 4:
      return { kind: 'retired' }
    default:
      throw new RangeError(`a script replied ${code}`)
  }
}
