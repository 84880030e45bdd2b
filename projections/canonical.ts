type Frame = {
  readonly value: Readonly<Record<string | number, unknown>>
  /** `null`: a list. */
  readonly keys: readonly string[] | null
  readonly size: number
  next: number
}

/**
 * JSON by value: object keys sorted by code unit, numbers in their shortest form. Two texts of one value give one
 * string. With a stack of its own instead of recursion: half a million nested brackets fit into the largest event, and
 * fields that nobody reads may be nested as deep as they like.
 */
export const canonicalJson = (root: unknown): string => {
  const open: Frame[] = []
  let text = ''
  let value = root
  for (;;) {
    if (value !== null && typeof value === 'object') {
      open.push(frameOf(value))
      text += Array.isArray(value) ? '[' : '{'
    } else text += JSON.stringify(value)
    let frame = open.at(-1)
    while (frame && frame.next === frame.size) {
      text += frame.keys ? '}' : ']'
      open.pop()
      frame = open.at(-1)
    }
    if (!frame) return text
    if (frame.next > 0) text += ','
    if (frame.keys) text += `${JSON.stringify(frame.keys[frame.next])}:`
    value = frame.value[frame.keys?.[frame.next] ?? frame.next]
    frame.next += 1
  }
}

const frameOf = (value: object): Frame => {
  const keys = Array.isArray(value) ? null : Object.keys(value).sort()
  const size = keys ? keys.length : (value as readonly unknown[]).length
  return { value: value as Frame['value'], keys, size, next: 0 }
}
