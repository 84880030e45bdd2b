import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { CliFailure } from '../command/failure.ts'

/** One line of a file, without its end; `bytes` is null where it is longer than any event can be. */
export type Line = { readonly file: string; readonly number: number; readonly bytes: Buffer | null }

/** A wrapped record of the largest size that a topic takes, in base64, fits well. */
const MAX_LINE = 8 * 1024 * 1024

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
}

/** What the message says of a file that cannot be read. */
export const unreadable = (file: string, error: unknown): CliFailure => {
  const code = error !== null && typeof error === 'object' && 'code' in error ? String(error.code) : 'unknown error'
  return new CliFailure(`${file} cannot be read: ${WHY[code] ?? code}`)
}

/** Unreadable names are reported before any work starts. */
export const checkFiles = (files: readonly string[]): void => {
  for (const file of files) {
    if (file === '-') continue
    try {
      if (statSync(file).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    } catch (error) {
      throw unreadable(file, error)
    }
  }
}

/** A pipe can be read only once, `<(…)` of a shell too. */
export const isPipe = (file: string): boolean => file === '-' || !statSync(file).isFile()

/** The lines of a file, or of stdin for `-`; empty ones are counted and left out. `kept` is what was kept of a pipe. */
export async function* readLines(file: string, stdin: Readable, kept?: Readable): AsyncGenerator<Line> {
  const name = file === '-' ? 'stdin' : file
  try {
    yield* splitLines(name, kept ?? (file === '-' ? stdin : createReadStream(file, { highWaterMark: 1024 * 1024 })))
  } catch (error) {
    throw error instanceof CliFailure ? error : unreadable(name, error)
  }
}

async function* splitLines(file: string, stream: Readable): AsyncGenerator<Line> {
  let rest: Buffer[] = []
  let length = 0
  let number = 1
  const take = (last: Buffer): Line => {
    const bytes = length + last.length > MAX_LINE ? null : rest.length === 0 ? last : Buffer.concat([...rest, last])
    rest = []
    length = 0
    return { file, number, bytes }
  }
  for await (const chunk of stream) {
    const bytes = chunk as Buffer
    let begin = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
      const line = take(bytes.subarray(begin, end))
      if (!isBlank(line)) yield line
      number += 1
      begin = end + 1
    }
    if (begin === bytes.length) continue
    length += bytes.length - begin
    // What is too long already is counted and not kept.
    if (length <= MAX_LINE) rest.push(bytes.subarray(begin))
  }
  const last = take(Buffer.alloc(0))
  if (last.bytes === null || last.bytes.length > 0) if (!isBlank(last)) yield last
}

const isBlank = ({ bytes }: Line): boolean =>
  bytes !== null && bytes.length < 64 && bytes.toString('latin1').trim() === ''
