import { isAttribute } from '../../projections/events/fields.ts'

const OURS = /^(erp|pullgate)\./
const QUOTED = /^(["'])(.*)\1$/s

/**
 * None of the ERPs' types and none of the gateway's own, so that publishers may send others. A type that only capital
 * letters, white space around it or a pair of quotation marks keep from being ours must be meant as ours.
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
