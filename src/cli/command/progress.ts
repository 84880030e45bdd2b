import { errorStream, plural, renewLine, type TerminalStream } from './output.ts'

/** How far a long piece of work has come: shown on a terminal only, on one line of stderr that is renewed. */
export type Progress = {
  readonly at: (done: number, total?: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

const REFRESH_MS = 200
const WIDTH = 24

export const progress = (
  what: string,
  stream: TerminalStream = errorStream(),
  now: () => number = () => performance.now(),
): Progress => {
  if (!stream.isTTY) return { at: () => {}, end: () => {} }
  const beganMs = now()
  let shownMs = Number.NEGATIVE_INFINITY
  return {
    at: (done, total) => {
      const ms = now()
      if (ms - shownMs < REFRESH_MS) return
      shownMs = ms
      renewLine(stream, lineOf(what, done, total, (ms - beganMs) / 1000))
    },
    end: () => {
      if (shownMs > Number.NEGATIVE_INFINITY) renewLine(stream, '')
    },
  }
}

export const lineOf = (what: string, done: number, total: number | undefined, seconds: number): string => {
  const rate = seconds > 0 ? done / seconds : 0
  const pace = `${Math.round(rate).toLocaleString('en')}/s`
  if (total === undefined || total === 0) return `${what}  ${plural(done, 'so far', 'so far')}  ${pace}`
  const share = Math.min(1, done / total)
  const full = Math.round(share * WIDTH)
  const bar = `${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}`
  const left = rate > 0 ? durationOf((total - done) / rate) : '–'
  return `${what}  [${bar}] ${Math.floor(share * 100)} %  ${done.toLocaleString('en')} of ${total.toLocaleString('en')}  ${pace}  ETA ${left}`
}

export const durationOf = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`
}
