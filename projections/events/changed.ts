import { z } from 'zod'
import { parseCode } from './fields.ts'
import { listOf } from './list.ts'
import { student } from './shapes.ts'
import { changeFacts, namesAnother, SAME_ENROLMENT, type SingleFact, type SingleType } from './single-facts.ts'

/**
 * Several changes as one. Reading fills in the `student` of each change that has none of its own, so that every change
 * is a fact like any other.
 */

export const MOST_CHANGES = 64

const types = Object.keys(changeFacts) as SingleType[]
const change = z.discriminatedUnion(
  'type',
  types.map((type) => z.object({ type: z.literal(type), data: changeFacts[type] })) as unknown as [
    z.ZodObject<{
      type: z.ZodLiteral<SingleType>
      data: z.ZodType<{ student?: z.output<typeof student> | undefined }>
    }>,
  ],
  { error: 'is no type that a change may have' },
)

const plain = z.object({
  /** `academic_year_end` counts where a change enrols without a `student` of its own, and is ignored otherwise. */
  student: student.extend({ academic_year_end: z.unknown() }),
  changes: listOf(change, { least: 1, most: MOST_CHANGES }),
})

type Plain = z.output<typeof plain>
type Problem = { readonly path: readonly (string | number)[]; readonly message: string }

/** The rules between the event's student and its changes. */
const problemsOf = ({ student: about, changes }: Plain): readonly Problem[] =>
  changes.flatMap(({ type, data }, index): Problem[] => {
    const own = data.student
    const at = (...path: string[]): (string | number)[] => ['changes', index, 'data', ...path]
    if (own && own.identifier !== about.identifier)
      return [{ path: at('student', 'identifier'), message: 'must be the identifier of the event' }]
    if (type === 'erp.student.enrolled.v1' && !own && parseCode(about.academic_year_end) === null)
      return [{ path: ['student', 'academic_year_end'], message: 'must be text or an integer where a change enrols' }]
    const to = (data as { readonly to?: Parameters<typeof namesAnother>[1] }).to
    return to && !namesAnother(own ?? about, to) ? [{ path: at('to'), message: SAME_ENROLMENT }] : []
  })

export const changedData = plain
  .superRefine((value, context) => {
    for (const { path, message } of problemsOf(value)) context.addIssue({ code: 'custom', path: [...path], message })
  })
  .transform(({ student: { academic_year_end, ...about }, changes }) => {
    const enrolling = { ...about, academic_year_end: parseCode(academic_year_end) }
    const filled = changes.map(({ type, data }) => {
      const missing = type === 'erp.student.enrolled.v1' ? enrolling : about
      return { type, data: { ...data, student: data.student ?? missing } }
    })
    return { student: about, changes: filled as unknown as readonly SingleFact[] }
  })
