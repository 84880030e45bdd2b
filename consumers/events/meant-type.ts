import { eventData, HEARTBEAT } from '../../projections/events/event.ts'
import { closestName } from '../../projections/values/closest-name.ts'
import { bareType } from './foreign-type.ts'

const TYPES = [...Object.keys(eventData), HEARTBEAT]
const PREFIX = 'erp.'
const twoLetters = (): number => 2

/** The type of ours that was probably meant: two letters away, or without its `erp.`. */
export const meantType = (type: string): string | undefined => {
  const bare = bareType(type)
  return closestName(bare, TYPES, twoLetters) ?? closestName(`${PREFIX}${bare}`, TYPES, twoLetters)
}

export const didYouMean = (name: string | undefined): string => (name === undefined ? '' : `did you mean ${name}?`)
