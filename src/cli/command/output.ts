import { once } from 'node:events'
import { visible, visibleLine } from '../../visible.ts'

/**
 * The only writer of a command's stdout and stderr; scripts/layers.ts refuses others. All text passes `visible`, for
 * it may hold what publishers, ERPs and servers wrote.
 */

/** Writes to stdout, and waits while it is full: a long output never piles up in memory. */
export const print = async (text: string): Promise<void> => {
  if (!printNow(text)) await once(process.stdout, 'drain')
}

/** Writes to stdout without waiting; `false` where stdout is full. */
export const printNow = (text: string): boolean => process.stdout.write(visible(text))

/** Lines that may hold what publishers wrote. */
export const printLines = (lines: readonly string[]): Promise<void> =>
  print(lines.map((line) => `${visibleLine(line)}\n`).join(''))

/** One JSON value to stdout. */
export const printJson = (value: unknown): Promise<void> => print(`${JSON.stringify(value)}\n`)

/** A word for the person at the terminal. */
export const say = (text: string): void => sayPart(`${text}\n`)

/** Text with the line breaks that it has. */
export const sayPart = (text: string): void => {
  process.stderr.write(visible(text))
}

/** What progress is written to. */
export type TerminalStream = { readonly isTTY?: boolean; readonly write: (text: string) => unknown }

export const errorStream = (): TerminalStream => process.stderr

/** Renews the last line of a terminal. */
export const renewLine = (stream: TerminalStream, text: string): void => {
  stream.write(`\r${visibleLine(text)}\x1b[K`)
}

export const writeLine = (stream: TerminalStream, text: string): void => {
  stream.write(`${visible(text)}\n`)
}

export const onStdoutError = (act: (error: NodeJS.ErrnoException) => void): void => {
  process.stdout.on('error', act)
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
