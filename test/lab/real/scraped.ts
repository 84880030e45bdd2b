/** The counters of the program that tell of guards at work. */
const GUARDS =
  /^pullgate_(store_rewinds_total|fenced_writes_total|events_total|dead_letters_total|pull_fallback_total|misrouted_total)(\{[^}]*\})? (\S+)$/

/** One process's counters by name and labels, sources left out; `null`: it does not answer. */
export const scrape = async (metricsUrl: string): Promise<Readonly<Record<string, number>> | null> => {
  const response = await fetch(`${metricsUrl}/metrics`, { signal: AbortSignal.timeout(1000) }).catch(() => null)
  const text = await response?.text().catch(() => null)
  if (!text) return null
  const counted: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = GUARDS.exec(line) ?? []
    if (name === undefined) continue
    const label = /(?:outcome|reason)="([^"]+)"/.exec(labels)?.[1]
    const key = label === undefined ? name : `${name} ${label}`
    counted[key] = (counted[key] ?? 0) + Number(value)
  }
  return counted
}

export const addUp = (all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> => {
  const sum: Record<string, number> = {}
  for (const one of all) for (const [key, value] of Object.entries(one)) sum[key] = (sum[key] ?? 0) + value
  return sum
}
