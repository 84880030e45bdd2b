/**
 * The layout of a record batch, format 2 (since Kafka 0.11), as it lies on the wire; byte positions from its start:
 *
 *     0 baseOffset int64 · 8 length int32 · 12 leaderEpoch int32 · 16 magic int8 · 17 crc uint32 · 21 attributes int16
 *     23 lastOffsetDelta int32 · 27 baseTimestamp int64 · 35 maxTimestamp int64 · 43 producerId int64
 *     51 producerEpoch int16 · 53 baseSequence int32 · 57 count int32 · 61 records, compressed as one
 *
 * `length` counts what follows it; `crc` is over what follows it.
 */
export const BATCH = {
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const

export const MAGIC = 2
export const CODEC_MASK = 0x07
export const LOG_APPEND_TIME = 0x08
export const TRANSACTIONAL = 0x10
export const CONTROL = 0x20
