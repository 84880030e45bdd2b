import { z } from 'zod'
import { closestName } from '../values/closest-name.ts'
import { type EventType, eventData } from './event.ts'

/** A field that events ignore, and the name that was probably meant, among those that stand beside it. */
export type UnknownField = { readonly path: readonly (string | number)[]; readonly meant: string }

/** A hostile event may have any number of fields: no further one is compared. */
const MOST_COMPARED = 20
/** Nor is any further value looked into: 1 MiB of empty objects as `changes` took 1.8 s. */
const MOST_VISITED = 1_000

type Def = {
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly element?: z.ZodType
  readonly options?: readonly z.ZodObject[]
}

/** The fields that the type's schema does not know, but whose names are close to one that it knows. */
export const unknownFields = (type: EventType, data: unknown): readonly UnknownField[] => {
  const found: UnknownField[] = []
  let compared = 0
  let visited = 0
  const isEnough = (): boolean => compared >= MOST_COMPARED || visited >= MOST_VISITED
  const walk = (schema: z.ZodType, value: unknown, path: readonly (string | number)[]): void => {
    if (value === null || typeof value !== 'object' || isEnough()) return
    visited += 1
    const def = schema.def as Def
    const inner = def.innerType ?? def.in
    if (inner !== undefined) walk(inner, value, path)
    else if (def.element !== undefined && Array.isArray(value))
      for (const [index, item] of value.entries()) {
        if (isEnough()) return
        walk(def.element, item, [...path, index])
      }
    else if (def.options !== undefined) {
      const chosen = def.options.find(
        (option) => option.shape['type']?.safeParse((value as { type?: unknown }).type).success,
      )
      if (chosen !== undefined) walk(chosen, value, path)
    } else if (schema instanceof z.ZodObject) walkObject(schema.shape, value, path)
  }
  const walkObject = (shape: Readonly<Record<string, z.ZodType>>, value: object, path: UnknownField['path']): void => {
    for (const [key, inside] of Object.entries(value)) {
      if (Object.hasOwn(shape, key)) walk(shape[key]!, inside, [...path, key])
      else if (compared < MOST_COMPARED) {
        compared += 1
        const free = Object.keys(shape).filter((name) => !Object.hasOwn(value, name))
        const meant = closestName(key, free)
        if (meant !== undefined) found.push({ path: [...path, key], meant })
      }
    }
  }
  walk(eventData[type], data, [])
  return found
}
