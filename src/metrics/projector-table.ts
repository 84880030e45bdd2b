import { ANSWER_CHANGES } from '../../projections/answers/summary.ts'
import { OUTCOMES } from '../../projections/sequence/incoming-record.ts'
import { LETTER_REASONS } from '../../projections/state/student.ts'
import { both, cross, each, type MetricSpec, one, perPartition, projector } from './spec.ts'

/** The fold's outcomes, and the outcome of a record that the projector moves to its right partition. */
const outcomes = [...OUTCOMES, 'misrouted']
/**
 * Known types have these outcomes from the start; every outcome exists under `unknown`; others appear when they occur.
 */
const usual = ['applied', 'duplicate', 'held', 'poison']
const settingsOf = ['log', 'store']
const waitingKinds = ['held', 'orphan']

const visibleBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800]

/** The projector's metrics. */
export const projectorTable = {
  pullgate_events_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events by type and outcome; an event that is held and applied later counts twice.',
    labels: ['type', 'outcome'],
    values: { outcome: outcomes },
    initial: ({ eventTypes }) => [
      ...cross('type', eventTypes, 'outcome', usual),
      ...cross('type', ['unknown'], 'outcome', outcomes),
      ...cross('type', ['none'], 'outcome', ['duplicate', 'ignored']),
    ],
  },
  pullgate_event_visible_seconds: {
    kind: 'histogram',
    roles: projector,
    help: 'Time from an event in the log to its visibility in the projection.',
    labels: [],
    buckets: visibleBuckets,
    initial: one,
  },
  pullgate_partition_lag: {
    kind: 'gauge',
    roles: projector,
    help: 'Offsets between the end of a partition and its applied records; 0 if another projector has the partition.',
    labels: ['partition'],
    initial: perPartition,
  },
  pullgate_scouted_records_total: {
    kind: 'counter',
    roles: projector,
    help: 'Records that were read ahead of the applied ones, to know which students have events there.',
    labels: [],
    initial: one,
  },
  pullgate_scout_partitions: {
    kind: 'gauge',
    roles: projector,
    help: 'Partitions that are behind and read ahead by this projector.',
    labels: [],
    initial: one,
  },
  pullgate_scout_marks: {
    kind: 'gauge',
    roles: projector,
    help: 'Students with events that are read but not applied, as the store knows them, in the partitions of this projector.',
    labels: [],
    initial: one,
  },
  pullgate_partition_fresh_age_seconds: {
    kind: 'gauge',
    roles: projector,
    help: 'Time since this projector last proved that a partition holds every acknowledged event; +Inf if it never did, or another projector has the partition.',
    labels: ['partition'],
    initial: perPartition,
    start: Number.POSITIVE_INFINITY,
  },
  pullgate_students_suspect: {
    kind: 'gauge',
    roles: projector,
    help: 'Suspect students, for whom the projection does not answer, in the partitions of this projector.',
    labels: [],
    initial: one,
  },
  pullgate_dead_letters_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events written to the dead-letter topic, by reason.',
    labels: ['reason'],
    values: { reason: LETTER_REASONS },
    initial: () => each('reason', LETTER_REASONS),
  },
  pullgate_dead_letters_by_source_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events written to the dead-letter topic, by publisher; publishers that the configuration does not name are other.',
    labels: ['source'],
    initial: (d) => each('source', [...(d.publishers ?? d.heartbeatSources), 'other', 'unknown']),
  },
  pullgate_dead_letters_open: {
    kind: 'gauge',
    roles: projector,
    help: 'Dead letters of students that are not settled, in the partitions of this projector.',
    labels: [],
    initial: one,
  },
  pullgate_events_waiting: {
    kind: 'gauge',
    roles: projector,
    help: 'Events that wait for a missing one (held) or for their enrolment (orphan), in the partitions of this projector.',
    labels: ['kind'],
    values: { kind: waitingKinds },
    initial: () => each('kind', waitingKinds),
  },
  pullgate_answers_superseded_total: {
    kind: 'counter',
    roles: projector,
    help: 'Recent answers that an event has changed, by kind of change.',
    labels: ['change'],
    values: { change: ANSWER_CHANGES },
    initial: () => each('change', ANSWER_CHANGES),
  },
  pullgate_misrouted_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events that their source wrote to the wrong partition.',
    labels: ['source'],
    initial: (d) => each('source', d.heartbeatSources),
  },
  pullgate_generation_active: {
    kind: 'gauge',
    roles: projector,
    help: 'The generation of the projection that pulls read; a switch changes it. 0 = none yet.',
    labels: [],
    initial: one,
  },
  pullgate_generation_building: {
    kind: 'gauge',
    roles: projector,
    help: 'The generation that a rebuild is building; 0 = none.',
    labels: [],
    initial: one,
  },
  pullgate_store_rewinds_total: {
    kind: 'counter',
    roles: projector,
    help: 'Times that the store had lost acknowledged writes, so that the log was read again from there.',
    labels: [],
    initial: one,
  },
  pullgate_fenced_writes_total: {
    kind: 'counter',
    roles: projector,
    help: 'Writes that the store refused because another projector had written.',
    labels: [],
    initial: one,
  },
  pullgate_log_broken: {
    kind: 'gauge',
    roles: both,
    help: 'Whether the log of a partition is broken: it does not continue where the projection stopped, or the topic is not as configured.',
    labels: ['partition'],
    initial: perPartition,
  },
  pullgate_settings_wrong: {
    kind: 'gauge',
    roles: both,
    help: 'Whether settings of the topic (log) or of the store have become unsafe while this process runs: 1 = nothing is proven fresh.',
    labels: ['of'],
    values: { of: settingsOf },
    initial: () => each('of', settingsOf),
  },
  pullgate_log_consumer_silent_seconds: {
    kind: 'gauge',
    roles: projector,
    help: 'Time since the last sign of life of the log’s consumer.',
    labels: [],
    initial: one,
  },
} as const satisfies Record<string, MetricSpec>
