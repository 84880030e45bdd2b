import type { Change } from './changes.ts'

/** The changes of each enrolment, below the enrolment's name. */
export const changeLines = (changes: readonly Change[]): readonly string[] =>
  [...Map.groupBy(changes, ({ enrolment }) => enrolment)].flatMap(([enrolment, all]) => [
    enrolment,
    ...all.map((change) => `  ${changeText(change)}`),
  ])

/** What a refused snapshot would change. An operator decides with it between replay and discard. */
export const wouldChangeLines = (changes: readonly Change[]): readonly string[] =>
  changes.length === 0
    ? ['the snapshot would change nothing']
    : ['the snapshot would change:', ...changeLines(changes).map((line) => `  ${line}`)]

export const changeText = ({ what, from, to }: Change): string => {
  if (from === null) return `+ ${what}: ${to}`
  return to === null ? `- ${what}: ${from}` : `  ${what}: ${from} → ${to}`
}
