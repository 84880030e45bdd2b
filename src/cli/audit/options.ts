import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'

/** How a command that asks ERPs about many students behaves towards them. */
export type Politeness = { readonly rate: number; readonly concurrency: number; readonly settle: number }

const number =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`)
    return value
  }

export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = number(least, most)(text)
    if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
    return value
  }

export const withSettle = (command: Command): Command =>
  command.option(
    '--settle <seconds>',
    'time that events in flight may take before a difference counts',
    number(0, 600),
    3,
  )

export const withPoliteness = (command: Command): Command =>
  withSettle(command)
    .option('--rate <per-second>', 'highest rate over all ERPs, in requests per second', number(0.01, 10_000), 5)
    .option('--concurrency <n>', 'students compared at the same time', whole(1, 100), 4)

/** Spaces requests evenly: at most `rate` a second over all callers. */
export const pacer = (
  rate: number,
  now: () => number = () => performance.now(),
  wait: (ms: number) => Promise<unknown> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): (() => Promise<void>) => {
  const everyMs = 1000 / rate
  let nextMs = now()
  return async () => {
    const mine = Math.max(nextMs, now())
    nextMs = mine + everyMs
    const delay = mine - now()
    if (delay > 0) await wait(delay)
  }
}
