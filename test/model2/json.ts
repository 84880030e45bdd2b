export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [name: string]: Json }

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field of the object itself, never an inherited one. Null is the same as absent. */
export const field = (object: JsonObject, name: string): Json | undefined => rawField(object, name) ?? undefined

/** As `field`, for the few places where null says something. */
export const rawField = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined

/**
 * One text per JSON value, whatever the order of keys. With an explicit stack, because data may nest as deep as a
 * megabyte of brackets. A finished piece of text on the stack is marked by its wrapper.
 */
export const canonical = (value: Json): string => {
  const out: string[] = []
  const stack: (Json | { readonly text: string; readonly [finished]: true })[] = [value]
  const push = (text: string) => stack.push({ text, [finished]: true })
  while (stack.length > 0) {
    const next = stack.pop() as Json
    if (Array.isArray(next)) {
      push(']')
      for (let i = next.length - 1; i >= 0; i--) {
        stack.push(next[i] as Json)
        if (i > 0) push(',')
      }
      push('[')
    } else if (isObject(next)) {
      if (finished in next) {
        out.push(next['text'] as string)
        continue
      }
      push('}')
      const names = Object.keys(next).sort()
      for (let i = names.length - 1; i >= 0; i--) {
        const name = names[i] as string
        stack.push(next[name] as Json)
        push(`${i > 0 ? ',' : ''}${JSON.stringify(name)}:`)
      }
      push('{')
    } else out.push(JSON.stringify(next))
  }
  return out.join('')
}

const finished: unique symbol = Symbol('finished')
