/**
 * Whether a body has more parts than valid events of its size can have. A list of a hundred thousand empty objects
 * breaks several rules in each of them. Finding all problems took 10 s for 1 MiB, during which the process answered no
 * client. The densest valid events, small fee components or allocations, have an object every 34 bytes.
 */
export const isTooDense = (body: Uint8Array): boolean => {
  let [objects, commas] = [0, 0]
  for (const byte of body) {
    if (byte === OPEN_OBJECT) objects += 1
    else if (byte === COMMA) commas += 1
  }
  const isSparse = objects > FEW_OBJECTS && body.length < objects * LEAST_BYTES_AN_OBJECT
  return objects > MAX_OBJECTS || commas > MAX_COMMAS || isSparse
}

const OPEN_OBJECT = 0x7b
const COMMA = 0x2c

const MAX_OBJECTS = 32_768
const FEW_OBJECTS = 1_000
const LEAST_BYTES_AN_OBJECT = 24
const MAX_COMMAS = 65_536
