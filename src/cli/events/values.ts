import type { Readable } from 'node:stream'
import { type Line, readLines } from './lines.ts'

/** The events of a file, or of stdin for `-`. `kept` is what was kept of a pipe. */
export const readEvents = (file: string, stdin: Readable, kept?: Readable): AsyncGenerator<Line> =>
  readValues(readLines(file, stdin, kept))

/**
 * The JSON values of a file: one value for each line, values over several lines, or the elements of arrays. A value
 * ends with its brackets and has the number of its first line.
 *
 * An object that begins a line outside an array is a separate value, so a broken line affects no later one. An
 * unfinished value is yielded as far as it was read; parsing it as JSON fails and names its line.
 */
export async function* readValues(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  const counting: Counting = { state: { kind: 'between' }, array: null }
  for await (const line of lines) yield* valuesOn(line, counting)
  yield* taken(counting)
}

/** `between` two values, of an array where one is open, or `inside` one. */
type Counting = {
  state:
    | { readonly kind: 'between' }
    | {
        readonly kind: 'inside'
        readonly begins: Pick<Line, 'file' | 'number'>
        readonly parts: Buffer[]
        bytes: number
        depth: number
        inString: boolean
        escaped: boolean
      }
  /** The line on which the open array begins. */
  array: Pick<Line, 'file' | 'number'> | null
}

/** As long as the longest line. */
const MAX_VALUE = 8 * 1024 * 1024

const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, OPEN_ARRAY, CLOSE_ARRAY] = Buffer.from('"\\,{}[]')
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13)

function* valuesOn({ file, number, bytes }: Line, counting: Counting): Generator<Line> {
  if (bytes === null) {
    yield { file, number, bytes }
    return
  }
  // An object at the very beginning of a line is the next value; the one before it was never ended.
  if (counting.array === null && counting.state.kind === 'inside' && bytes[0] === OPEN) yield* taken(counting)
  for (let at = 0; at < bytes.length; ) {
    if (counting.state.kind === 'between') {
      const byte = bytes[at]!
      if (isSpace(byte) || (byte === COMMA && counting.array)) at += 1
      else if (byte === OPEN_ARRAY && !counting.array) {
        counting.array = { file, number }
        at += 1
      } else if (byte === CLOSE_ARRAY && counting.array) {
        counting.array = null
        at += 1
      } else {
        const begins = { file, number }
        counting.state = { kind: 'inside', begins, parts: [], bytes: 0, depth: 0, inString: false, escaped: false }
      }
      continue
    }
    const { state } = counting
    const end = endIn(bytes, at, state)
    const part = bytes.subarray(at, end ?? bytes.length)
    state.bytes += part.length + 1
    if (state.bytes <= MAX_VALUE) state.parts.push(part)
    at += part.length
    // Anything but an object or array ends with its line, and is no event.
    if (end === null && state.depth > 0) state.parts.push(Buffer.from('\n'))
    else yield* taken(counting)
  }
}

type Inside = Extract<Counting['state'], { kind: 'inside' }>

/** The index after the value's end, or `null` where the value continues. */
const endIn = (bytes: Buffer, from: number, state: Inside): number | null => {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (state.escaped) state.escaped = false
    else if (state.inString) {
      if (byte === BACKSLASH) state.escaped = true
      else if (byte === QUOTE) state.inString = false
    } else if (state.depth === 0 && at > from && (byte === COMMA || byte === CLOSE_ARRAY)) return at
    else if (byte === QUOTE) state.inString = true
    else if (byte === OPEN || byte === OPEN_ARRAY) state.depth += 1
    else if (byte === CLOSE || byte === CLOSE_ARRAY) {
      state.depth -= 1
      if (state.depth <= 0) return at + 1
    }
  }
  return null
}

/** The value as far as it came; where there is none, an array that was never closed. */
function* taken(counting: Counting): Generator<Line> {
  const { state, array } = counting
  counting.state = { kind: 'between' }
  if (state.kind === 'inside')
    yield { ...state.begins, bytes: state.bytes > MAX_VALUE ? null : Buffer.concat(state.parts) }
  else if (array !== null) yield { ...array, bytes: Buffer.from('[') }
}
