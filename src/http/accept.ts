/** One media range with its parameters; quoted strings may hold commas and semicolons. */
const ranges = /\s*([^\s,;"]+)((?:\s*;\s*[^\s,;="]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,;"]*))?|\s*;)*)\s*(?:,|$)/gy
const quality = /;\s*q\s*=\s*"?([01]?(?:\.\d*)?)"?\s*(?:;|$)/i

/** 3 names JSON itself, 2 any application type, 1 anything, 0 something else. */
const specificity = (range: string): number => {
  const type = range.toLowerCase()
  if (type === 'application/json') return 3
  if (type === 'application/*') return 2
  return type === '*/*' || type === '*' ? 1 : 0
}

/** Whether `application/json` may be answered: the most specific range that covers it decides, by its q being above 0. */
export const acceptsJson = (accept: string | undefined): boolean => {
  if (accept === undefined || accept === '*/*' || accept === 'application/json' || accept.trim() === '') return true
  let best = 0
  let allowed = false
  ranges.lastIndex = 0
  for (let match = ranges.exec(accept); match !== null && match[0] !== ''; match = ranges.exec(accept)) {
    const rank = specificity(match[1]!)
    const q = Number(quality.exec(match[2]!)?.[1] ?? 1)
    if (rank > best) {
      best = rank
      allowed = q > 0
    } else if (rank === best && rank > 0) {
      allowed ||= q > 0
    }
  }
  return allowed
}
