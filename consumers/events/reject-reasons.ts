import type { ConflictDetail } from '../../projections/sequence/judge.ts'

/** Why a record became a dead letter: the closed list of codes in the header `pullgate-detail` (docs/events.md). */
export const REJECT_REASONS = {
  too_large: 'the value is over 1 MiB',
  schema_registry_payload: 'a schema-registry frame around something that is not JSON (Avro or Protobuf)',
  not_utf8: 'the value is not UTF-8',
  not_json: 'the value is not JSON',
  not_an_object: 'the value is JSON, but no object',
  duplicate_key: 'an object has two members of one name',
  bad_envelope: 'an attribute of the envelope is missing or invalid',
  unknown_type: 'an erp. or pullgate. type that this version does not know',
  invalid_data: 'the data does not fit its type',
  transferred_away: 'its enrolment has been transferred away and the copy cannot be reached',
  not_active: 'a transfer of an enrolment that was transferred to another place',
  too_many_waiting: 'too many events of this student wait already',
  too_many_sources: 'its student has as many sources as there is room for',
  id_reused: 'the same source and id with other content',
  number_taken: 'the sequence number belongs to another id',
  number_passed: 'the sequence number has been passed, and the event is newer than what passed it',
  number_let_go: 'the sequence number was let go',
  number_missing: 'the source uses sequence numbers for this student, and the event bears none',
  replaced_source: 'a snapshot of another source has replaced its source',
  stale_snapshot: 'the snapshot was read before an event that it would undo',
  too_old: 'it is no younger than events whose ids are forgotten: it may be one of them again',
  overtaken: 'it was published to a wrong partition and overtaken by later events of its source',
} as const

export type RejectReason = keyof typeof REJECT_REASONS

/** Every conflict that the fold can find has its words here. */
REJECT_REASONS satisfies Record<ConflictDetail, string>

/** The detail of a letter in words: its code, the code's text, and the subject. */
export const inWords = ({ detail, where }: { readonly detail: string; readonly where: string }): string =>
  `${detail}: ${REJECT_REASONS[detail as RejectReason]}${where === '' ? '' : ` (${where})`}`
