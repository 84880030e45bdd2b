import { hostileBytes } from './hostile-bytes.ts'
import { hostileData } from './hostile-data.ts'
import { hostileEnvelopes } from './hostile-envelopes.ts'
import type { HostileInput } from './hostile-input.ts'
import { hostileMoney } from './hostile-money.ts'
import { hostileToNobody } from './hostile-nobody.ts'

/** Everything bad that has been thought of. Made anew on every call: some of it is large. */
export const hostileInputs = (): readonly HostileInput[] => [
  ...hostileBytes(),
  ...hostileEnvelopes(),
  ...hostileData(),
  ...hostileMoney(),
  ...hostileToNobody(),
]
