import { InvalidArgumentError } from 'commander'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90m`, `48h`, `7d` before a moment, or a moment of its own; Unix milliseconds. */
export type Since = (nowMs: number) => number

export const parseSince = (text: string): Since => {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  if (count !== undefined) return (nowMs) => nowMs - Number(count) * UNITS[unit!]!
  const moment = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('It must be like 90m, 48h or 7d, or a moment like 2026-07-03T09:00:00+05:30.')
  return () => moment
}
