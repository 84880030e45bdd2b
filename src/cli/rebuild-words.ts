import type { Comparison, GenerationDifference } from '../rebuild/compare.ts'
import type { RebuildPhase } from '../rebuild/rebuild.ts'
import { plural } from './command/output.ts'

/** A line for each step of a rebuild; `null` where the step says nothing new. */
export const tellPhase = (phase: RebuildPhase): string | null => {
  switch (phase.kind) {
    case 'building':
      return phase.resumed
        ? `going on with generation ${phase.generation}`
        : `building generation ${phase.generation} from the log`
    case 'helper failed':
      return `a further thread failed, going on without it: ${phase.why}`
    case 'comparing':
      return 'comparing it with the active generation'
    case 'not compared':
      return `not compared: ${phase.why}`
    case 'switched':
      return phase.former === null
        ? `switched to generation ${phase.generation}`
        : `switched to generation ${phase.generation}; generation ${phase.former} is kept: --rollback goes back to it`
    case 'removing':
      return null
  }
}

/** What was compared, and per partition what differs; identifiers only where they were asked for. */
export const tellDifferences = (comparison: Comparison, identifiers: boolean): readonly string[] => {
  const { students, suspects, compared, differences } = comparison
  const lines = [
    `students: ${students.live} in the active generation, ${students.built} in the new one`,
    `suspects: ${suspects.live} and ${suspects.built}`,
    `compared byte for byte: ${plural(compared, 'student')}, ${differences.filter(({ kind }) => kind === 'record').length} differ`,
  ]
  for (const [partition, found] of Map.groupBy(differences, (difference) => difference.partition))
    lines.push(`partition ${partition}: ${describe(found, identifiers)}`)
  return lines
}

const describe = (differences: readonly GenerationDifference[], identifiers: boolean): string => {
  const records = differences.flatMap((difference) => (difference.kind === 'record' ? [difference.identifier] : []))
  const others = differences.flatMap((difference) => {
    if (difference.kind === 'suspects') return [`${difference.live} suspects and ${difference.built}`]
    if (difference.kind === 'never level')
      return [`never at the same offset (${difference.live} and ${difference.built}); does a projector run?`]
    return []
  })
  const named = identifiers ? `: ${records.map((identifier) => JSON.stringify(identifier)).join(', ')}` : ''
  return [
    ...(records.length > 0 ? [`${plural(records.length, 'student differs', 'students differ')}${named}`] : []),
    ...others,
  ].join('; ')
}
