/** The number of letters to add, remove or replace. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

const third = (name: string): number => Math.max(1, Math.floor(name.length / 3))

/** The known name that was probably meant: at most a third of its letters away, or as many as `mostOf` says. */
export const closestName = (name: string, known: readonly string[], mostOf = third): string | undefined => {
  let best: { readonly name: string; readonly away: number } | undefined
  if (name.length > 64) return undefined
  const given = plain(name)
  for (const one of known) {
    const [wanted, most] = [plain(one), mostOf(one)]
    if (Math.abs(wanted.length - given.length) > most) continue
    const away = distance(given, wanted)
    if (away <= most && (best === undefined || away < best.away)) best = { name: one, away }
  }
  return best?.name
}
