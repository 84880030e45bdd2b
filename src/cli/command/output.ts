import { once } from 'node:events'
import { visible, visibleLine } from './visible.ts'

/** Writes to stdout, and waits while it is full: a long output never piles up in memory. */
export const print = async (text: string): Promise<void> => {
  if (!process.stdout.write(visible(text))) await once(process.stdout, 'drain')
}

/** Lines that may hold what publishers wrote. */
export const printLines = (lines: readonly string[]): Promise<void> =>
  print(lines.map((line) => `${visibleLine(line)}\n`).join(''))

/** One JSON value to stdout. */
export const printJson = (value: unknown): Promise<void> => print(`${JSON.stringify(value)}\n`)

/** A word for the person at the terminal. */
export const say = (text: string): void => {
  process.stderr.write(`${visible(text)}\n`)
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
