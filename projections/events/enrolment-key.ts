/** The fields of `data.student` that distinguish one of a student's enrolments from the others. */
export type EnrolmentKey = {
  readonly grade: string
  readonly yearStart: string
  /** `null`: no branch, which is a value of its own. */
  readonly collectorCode: string | null
}

export const keyOf = (ref: {
  readonly grade: string
  readonly academic_year_start: string
  readonly collector_code?: string | undefined
}): EnrolmentKey => ({
  grade: ref.grade,
  yearStart: ref.academic_year_start,
  collectorCode: ref.collector_code ?? null,
})

export const sameKey = (a: EnrolmentKey, b: EnrolmentKey): boolean =>
  a.grade === b.grade && a.yearStart === b.yearStart && a.collectorCode === b.collectorCode
