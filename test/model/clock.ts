/** A moment to any number of decimals: whole seconds since 1970, and the decimals without trailing zeros. */
export type Instant = { readonly seconds: number; readonly decimals: string }

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

export const isRealDate = (text: string): boolean => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

const daysIn = (year: number, month: number): number => {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] as number
}

/** Null when the text is no RFC 3339 date-time with an offset. A leap second is allowed where one can be: 23:59:60 UTC. */
export const readInstant = (text: string): Instant | null => {
  const match = RFC3339.exec(text)
  if (!match) return null
  const [, year, month, day, hour, minute, second, decimals = '', sign, offsetHour = '0', offsetMinute = '0'] = match
  if (!isRealDate(`${year}-${month}-${day}`)) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null
  const midnight = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day)) / 1000
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -60 : 60)
  const minuteStart = midnight + Number(hour) * 3600 + Number(minute) * 60 - offset
  const lastMinuteOfDay = ((minuteStart % 86400) + 86400) % 86400 === 86340
  if (Number(second) === 60 && !lastMinuteOfDay) return null
  return { seconds: minuteStart + Number(second), decimals: decimals.replace(/0+$/, '') }
}

/** Decimals compare as text because both are digits after the point: "5" is after "49". */
export const isAfter = (a: Instant, b: Instant): boolean =>
  a.seconds > b.seconds || (a.seconds === b.seconds && a.decimals > b.decimals)

export const instantOf = (ms: number): Instant => {
  const seconds = Math.floor(ms / 1000)
  return {
    seconds,
    decimals: String(ms - seconds * 1000)
      .padStart(3, '0')
      .replace(/0+$/, ''),
  }
}

export const earlier = (a: Instant, b: Instant): Instant => (isAfter(a, b) ? b : a)
export const later = (a: Instant, b: Instant): Instant => (isAfter(a, b) ? a : b)

/** The calendar day of a moment in a timezone, as YYYY-MM-DD. */
export const dayOf = (instant: Instant, timezone: string): string => {
  const parts = new Map(
    formatOf(timezone)
      .formatToParts(new Date(instant.seconds * 1000))
      .map((part) => [part.type, part.value]),
  )
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
}

/** Kept, because making one takes longer than everything else about an event. */
const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const numbers = {
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  } as const
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, ...numbers })
  formats.set(timeZone, format)
  return format
}
