import { appendFileSync, openSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Compared } from '../../audit/compare-student.ts'
import { CliFailure } from '../command/failure.ts'

/**
 * The progress of a walk in JSON lines: first its subject, then each finished student. An interrupted walk continues
 * after the last complete line. Only its owner may read the file, which holds identifiers and values.
 */
export type StateFile = {
  /** Students that are done. */
  readonly done: ReadonlyMap<string, readonly Compared[]>
  readonly add: (identifier: string, compared: readonly Compared[]) => void
}

export const NO_STATE: StateFile = { done: new Map(), add: () => {} }

const head = z.object({ walk: z.string() })
const line = z.object({ identifier: z.string(), compared: z.array(z.unknown()) })

/** @param walk what this walk is about: a file of another one is refused */
export const openState = (file: string | undefined, walk: string): StateFile => {
  if (file === undefined) return NO_STATE
  const text = readOrEmpty(file)
  const lines = text.split('\n').slice(0, -1)
  if (lines.length > 0 && head.safeParse(parsed(lines[0]!)).data?.walk !== walk)
    throw new CliFailure(`${file} is not the state of this very command and its options; name another file`)
  const done = new Map<string, readonly Compared[]>()
  for (const item of lines.slice(1)) {
    const read = line.safeParse(parsed(item))
    if (!read.success) continue
    const compared = read.data.compared as readonly Compared[]
    // Whom no ERP has answered for is asked again.
    if (compared.every(({ outcome }) => outcome !== 'unasked')) done.set(read.data.identifier, compared)
  }
  const fd = opened(file)
  // A last line that was cut short is ended, so that the next one stands by itself.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(fd, '\n')
  if (lines.length === 0) appendFileSync(fd, `${JSON.stringify({ walk })}\n`)
  return {
    done,
    add: (identifier, compared) => appendFileSync(fd, `${JSON.stringify({ identifier, compared })}\n`),
  }
}

const readOrEmpty = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new CliFailure(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const opened = (file: string): number => {
  try {
    return openSync(file, 'a', 0o600)
  } catch (error) {
    throw new CliFailure(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
