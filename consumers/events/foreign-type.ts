import { isAttribute } from '../../projections/events/fields.ts'

const OURS = /^(erp|pullgate)\./
const QUOTED = /^(["'])(.*)\1$/s

/**
 * True for types that are neither the ERPs' nor the gateway's own; publishers may send them. A type that differs from a
 * known one only in capital letters, surrounding white space or quotation marks is treated as the known one.
 */
export const isForeignType = (type: string): boolean => {
  if (!isAttribute(type)) return false
  if (OURS.test(type)) return false
  return !OURS.test(bareType(type))
}

/** In lower case, without white space and one pair of quotation marks around it. */
export const bareType = (type: string): string => {
  const bare = type.toLowerCase().trim()
  return (QUOTED.exec(bare)?.[2] ?? bare).trim()
}
