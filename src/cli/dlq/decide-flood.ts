import { OTHER_SOURCES } from '../../../projections/sequence/floods.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { plural } from '../command/output.ts'
import { numberedText } from '../decision/decision-record.ts'
import { missingOf } from '../decision/missing.ts'
import { type Decisions, notYetApplied, tryDecision } from '../decision/submit.ts'
import type { Decided } from './decide-letter.ts'

/** The letters of a student that are not known one by one: settled all together, or not at all. */
export const decideFlood = async (
  { config, studentNow, submit }: Decisions,
  identifier: StudentId,
  isAll: boolean,
): Promise<Decided> => {
  const student = await studentNow(identifier)
  const floods = student?.floods ?? []
  const count = floods.reduce((sum, flood) => sum + flood.count, 0)
  const these = plural(count, 'more dead letter is', 'more dead letters are')
  if (student === null || count === 0) return { done: false, message: 'is settled already; nothing was done' }
  if (!isAll)
    return {
      done: false,
      message: `${these} not known one by one; nothing was done (a snapshot of their source, or dlq discard IDENTIFIER --all --force)`,
    }
  const discard = { action: 'discard', force: true, flooded: true } as const
  const plain = tryDecision(config, identifier, student, discard)
  const sources = floods.map(({ source }) => (source === OTHER_SOURCES ? null : source))
  const skipped = missingOf(plain.folded.student, sources)
  const { record } = skipped.length > 0 ? tryDecision(config, identifier, student, { ...discard, skipped }) : plain
  const submitted = await submit(identifier, record)
  if (submitted.after === null) return { done: true, message: notYetApplied(submitted) }
  const without = skipped.map(numberedText).join(', ')
  const done = submitted.after.floods.length === 0
  if (!done) return { done, message: 'more dead letters came meanwhile; look at it again' }
  return { done, message: `and ${these} discarded${without === '' ? '' : `, and skipped ${without}`}` }
}
