import type { StudentAnswers } from '../../../projections/answers/view.ts'
import { modelOf, type StudentView } from '../../model/model.ts'
import type { LogRecord, Policy } from '../../model/types.ts'
import type { Truth } from './truth.ts'

/** The day of the truth's answers, where the schools are. */
const dayOf = ({ nowMs }: Truth, { timezone }: Policy): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: timezone }).format(nowMs)

/** Where the independent model of test/model, given the same log, says otherwise than the product. */
export const againstModel = (truth: Truth, policy: Policy): readonly string[] => {
  const model = modelOf(truth.log.flat() as readonly LogRecord[], policy, {
    ...truth.topic,
    partitions: truth.log.length,
  })
  const problems: string[] = []
  const day = dayOf(truth, policy)
  for (const identifier of new Set([...model.students.keys(), ...(truth.versions.keys() as Iterable<string>)])) {
    const said = productSays(truth.versions.get(identifier as never)?.at(-1)?.answers)
    if (said !== modelSays(model.students.get(identifier), day))
      problems.push(`wrong: the model says otherwise of a student`)
  }
  const letters = model.deadLetters.map(({ partition, offset, reason }) => `${partition}:${offset} ${reason}`)
  if (letters.sort().join() !== [...truth.letters].sort().join())
    problems.push(
      `wrong: the model has other dead letters: ${letters.filter((one) => !truth.letters.has(one))} instead of ${[...truth.letters].filter((one) => !letters.includes(one))}`,
    )
  return problems
}

const productSays = (answers: StudentAnswers<Buffer> | undefined): string => {
  if (answers === undefined) return 'nothing'
  const enrolments = answers.enrolments.map((enrolment) => {
    const { body, status } = enrolment.now
    const said = body === null ? 'incoherent' : status === 'active' ? body.toString() : codeOf(body)
    return JSON.stringify([enrolment.collectorCode, enrolment.grade, enrolment.yearStart, said])
  })
  return [answers.suspect, ...enrolments.sort()].join('\n')
}

const codeOf = (body: Buffer): string => (JSON.parse(body.toString()) as { code: string }).code

const modelSays = (student: StudentView | undefined, day: string): string => {
  if (student === undefined) return 'nothing'
  const enrolments = student.enrolments.map((enrolment) => {
    const answer = enrolment.answer(day)
    const said = answer === 'incoherent' ? answer : answer.status === 200 ? answer.body : answer.code
    return JSON.stringify([enrolment.collectorCode, enrolment.grade, enrolment.academicYearStart, said])
  })
  return [student.suspect, ...enrolments.sort()].join('\n')
}
