import type { Instant, IsoDate } from './ids.ts'

/** The configured timezone's calendar: which day a moment falls on there, and when a day begins. */
export type Calendar = {
  readonly dayOf: (moment: Instant) => IsoDate
  /** @param ms Unix milliseconds */
  readonly dayAt: (ms: number) => IsoDate
  /** Unix milliseconds of the first moment of that day. */
  readonly startOf: (day: IsoDate) => number
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const isDay = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 && isLeap(year) ? 29 : DAYS[month - 1]!)

/** So many digits from `at` on as a number; NaN where one of them is none. */
const number = (text: string, at: number, count: number): number => {
  let value = 0
  for (let index = at; index < at + count; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** `YYYY-MM-DD` of a day that exists, or `null`. By hand: a schedule has many, and a regular expression makes an array of each. */
export const parseDate = (value: unknown): IsoDate | null => {
  if (typeof value !== 'string' || value.length !== 10 || value[4] !== '-' || value[7] !== '-') return null
  const year = number(value, 0, 4)
  return year >= 0 && isDay(year, number(value, 5, 2), number(value, 8, 2)) ? (value as IsoDate) : null
}

/** Digits of a fraction that count: a longer one would make every state that remembers it as long. */
const MOST_DECIMALS = 30

/** RFC 3339 with an offset → the moment in UTC, or `null`. A leap second (23:59:60 UTC) is the second after it. */
export const parseMoment = (value: unknown): Instant | null => {
  const parts = typeof value === 'string' ? MOMENT.exec(value) : null
  if (!parts) return null
  const [, day, hour, minute, second, decimals, sign, offsetHour = '00', offsetMinute = '00'] =
    parts as unknown as Parts
  const isWritten = hour <= '23' && minute <= '59' && second <= '60' && offsetHour <= '23' && offsetMinute <= '59'
  if (!isWritten || parseDate(day) === null) return null
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1)
  const isUtc = offset === 0 && second !== '60'
  const whole = isUtc ? `${day}T${hour}:${minute}:${second}` : inUtc(`${day}T${hour}:${minute}`, second, offset)
  const fraction = decimals?.slice(0, MOST_DECIMALS).replace(/0+$/, '')
  return (whole !== null && fraction ? `${whole}.${fraction}` : whole) as Instant | null
}

type Parts = [
  text: string,
  day: string,
  hour: string,
  minute: string,
  second: string,
  decimals?: string,
  sign?: string,
  offsetHour?: string,
  offsetMinute?: string,
]

/** @param offset minutes; a day before or after what four digits can write gives `null` */
const inUtc = (minute: string, second: string, offset: number): string | null => {
  const isLeapSecond = second === '60'
  const utc = new Date(Date.parse(`${minute}:${isLeapSecond ? '59' : second}Z`) - offset * 60_000)
  if (isLeapSecond) {
    if (utc.getUTCHours() !== 23 || utc.getUTCMinutes() !== 59) return null
    utc.setUTCSeconds(60)
  }
  const year = utc.getUTCFullYear()
  return year < 0 || year > 9999 ? null : utc.toISOString().slice(0, 19)
}

const millis = (moment: Instant): number => Date.parse(`${moment.slice(0, 23)}Z`)

/** 1973: Liberia's clock was the last one with seconds in its offset. */
const WHOLE_MINUTES_SINCE_MS = Date.UTC(1973)
/** A week. */
const MAX_MINUTES = 10_080

/** @param timezone an IANA name, already validated: an unknown one throws a RangeError. */
export const calendarOf = (timezone: string): Calendar => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const wallClock = (ms: number): { day: string; ms: number } => {
    const parts = new Map(format.formatToParts(ms).map((part) => [part.type, part.value]))
    const day = `${parts.get('year')!.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
    return { day, ms: Date.parse(`${day}T${parts.get('hour')}:${parts.get('minute')}:${parts.get('second')}Z`) }
  }
  const dayAt = (ms: number): string => wallClock(ms).day

  const startOf = (day: IsoDate): number => {
    const asUtc = Date.parse(`${day}T00:00:00Z`)
    // An hour on either side of every offset in use; inside it the first moment of the day is found by halving,
    // which also holds where midnight itself is skipped by a clock change.
    let before = asUtc - 15 * 3_600_000
    let after = asUtc + 15 * 3_600_000
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (dayAt(middle) < day) before = middle
      else after = middle
    }
    return after
  }

  const days = new Map<number, IsoDate>()
  /** Remembered by minute: the formatter takes 6 µs, and clocks change on whole minutes. */
  const rememberedDay = (ms: number): IsoDate => {
    if (ms < WHOLE_MINUTES_SINCE_MS) return dayAt(ms) as IsoDate
    const minute = Math.floor(ms / 60_000)
    const known = days.get(minute)
    if (known !== undefined) return known
    const day = dayAt(ms) as IsoDate
    if (days.size >= MAX_MINUTES) days.clear()
    days.set(minute, day)
    return day
  }

  const starts = new Map<IsoDate, number>()
  return {
    dayOf: (moment) => dayAt(millis(moment)) as IsoDate,
    dayAt: rememberedDay,
    startOf: (day) => {
      const known = starts.get(day)
      if (known !== undefined) return known
      const start = startOf(day)
      if (starts.size > 1000) starts.clear()
      starts.set(day, start)
      return start
    },
  }
}
