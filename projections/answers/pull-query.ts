/** The lookup parameters of a fetch-student request, decoded and validated; each is absent when it was not given. */
export type PullQuery = {
  readonly identifier?: string
  readonly custom_identifier?: string
  readonly grade?: string
  readonly collector_code?: string
  readonly academic_year_start?: string
  readonly academic_year_end?: string
}
