import { errorStream, type TerminalStream, writeLine } from './output.ts'
import { lineOf, progress } from './progress.ts'

/** Progress with words in between: one renewed line on a terminal, a line every few seconds elsewhere. */
export type StepReporter = {
  readonly at: (done: number, total: number) => void
  readonly say: (words: string) => void
  readonly end: () => void
}

const EVERY_MS = 5000

export const steps = (
  what: string,
  stream: TerminalStream = errorStream(),
  now: () => number = () => performance.now(),
): StepReporter => {
  const line = progress(what, stream, now)
  const beganMs = now()
  let toldMs = beganMs
  return {
    at: (done, total) => {
      line.at(done, total)
      if (stream.isTTY || now() - toldMs < EVERY_MS) return
      toldMs = now()
      writeLine(stream, lineOf(what, done, total, (toldMs - beganMs) / 1000))
    },
    say: (words) => {
      line.end()
      writeLine(stream, words)
    },
    end: line.end,
  }
}
