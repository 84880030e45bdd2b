/** The error numbers of Kafka's protocol that this adapter distinguishes. */
export const CODE = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  messageTooLarge: 10,
  networkException: 13,
  recordListTooLarge: 18,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  topicAuthorizationFailed: 29,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  storageError: 56,
  saslAuthenticationFailed: 58,
  unknownProducerId: 59,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const

/** The broker does not lead this partition, or the partition has no leader yet: find the leader again. */
const MOVED: ReadonlySet<number> = new Set([
  CODE.unknownTopicOrPartition,
  CODE.leaderNotAvailable,
  CODE.notLeaderOrFollower,
  CODE.storageError,
  CODE.fencedLeaderEpoch,
  CODE.unknownLeaderEpoch,
  CODE.offsetNotAvailable,
  CODE.unknownTopicId,
  CODE.inconsistentTopicId,
])

export const isMoved = (code: number): boolean => MOVED.has(code)

/** The topic is away: deleted, or replaced by one with the same name. */
export const isAway = (code: number): boolean =>
  code === CODE.unknownTopicOrPartition || code === CODE.unknownTopicId || code === CODE.inconsistentTopicId

/** kafkajs's error for a protocol error: its number, and its name such as `UNKNOWN_MEMBER_ID`. */
export type ProtocolError = Error & { readonly code: number; readonly type: string; readonly retriable: boolean }

export const isProtocolError = (error: unknown): error is ProtocolError =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && 'code' in error

/** The meaning, and the remedy where waiting may not help. */
const MOVED_WORDS: ReadonlyMap<number, string> = new Map([
  [CODE.unknownTopicOrPartition, 'does not exist: "npx pullgate topics" creates the topics'],
  [CODE.leaderNotAvailable, 'has no leader: start the brokers that keep it'],
  [CODE.notLeaderOrFollower, 'has another leader by now'],
  [CODE.requestTimedOut, 'was not written by enough brokers in time'],
  [CODE.notEnoughReplicas, 'has fewer brokers in sync than min.insync.replicas: start the others'],
  [CODE.notEnoughReplicasAfterAppend, 'has fewer brokers in sync than min.insync.replicas: start the others'],
  [CODE.storageError, 'cannot be used on the disk of its broker: look at the log of the broker'],
  [CODE.fencedLeaderEpoch, 'has another leader by now'],
  [CODE.unknownLeaderEpoch, 'has another leader by now'],
  [CODE.unknownTopicId, 'was deleted, or made anew'],
  [CODE.inconsistentTopicId, 'was deleted, or made anew'],
])

/** The leader of a partition must be found again. */
export class PartitionMoved extends Error {
  readonly code: number
  constructor(topic: string, code: number) {
    super(`a partition of ${topic} ${MOVED_WORDS.get(code) ?? 'cannot be used now'} (Kafka error ${code})`)
    this.name = 'PartitionMoved'
    this.code = code
  }
}
