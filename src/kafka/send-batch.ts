import type { NewRecord } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { askAny, askLeader, type Brokers } from './leader.ts'
import { produceRequest } from './protocol/produce.ts'
import { CODE, isMoved, PartitionMoved } from './protocol/protocol-errors.ts'
import { type Producer, writeBatch } from './protocol/write-batch.ts'

/** A batch's destination and its producer's state; `producer` is null where a new one is needed. */
export type BatchSender = {
  readonly topic: string
  readonly partition: number
  readonly producer: Producer | null
  readonly sequence: number
}

export type Sent =
  | { readonly kind: 'written'; readonly baseOffset: number; readonly sequence: number; readonly producer: Producer }
  | { readonly kind: 'too-large'; readonly producer: Producer }

/** Error codes after which the same bytes may be sent again, in addition to a moved leader. */
const TRANSIENT: ReadonlySet<number> = new Set([
  CODE.requestTimedOut,
  CODE.networkException,
  CODE.notEnoughReplicas,
  CODE.notEnoughReplicasAfterAppend,
])

/** The broker has forgotten this producer or its writes; with one batch in flight, this one is not in the log. */
const BROKEN_SEQUENCE: ReadonlySet<number> = new Set([
  CODE.outOfOrderSequence,
  CODE.invalidProducerEpoch,
  CODE.unknownProducerId,
])

/** This producer never begins a transaction, but the broker requires a timeout. */
const TRANSACTION_TIMEOUT_MS = 60_000

/** Rejects with a `LogError` where the outcome stays unknown past the deadline or is a refusal. */
export const sendBatch = async (
  brokers: Brokers,
  sender: BatchSender,
  records: readonly NewRecord[],
  deadlineMs: number,
): Promise<Sent> => {
  const until = performance.now() + deadlineMs
  let { producer, sequence } = sender
  for (;;) {
    if (producer === null) {
      producer = await newProducer(brokers, until - performance.now())
      sequence = 0
    }
    const bytes = writeBatch(records, producer, sequence, Date.now())
    const { code, baseOffset } = await produce(brokers, sender, bytes, until - performance.now())
    if (code === CODE.none) return { kind: 'written', baseOffset, sequence, producer }
    if (code === CODE.messageTooLarge || code === CODE.recordListTooLarge) return { kind: 'too-large', producer }
    if (!BROKEN_SEQUENCE.has(code)) throw new LogError('refused', `append: Kafka error ${code} on ${sender.topic}`)
    producer = null
  }
}

/** A silent broker does not get the whole time: its partition may have another leader by now. */
const ATTEMPT_MS = 1500

const newProducer = (brokers: Brokers, deadlineMs: number): Promise<Producer> =>
  brokers.connections.run('producer id', deadlineMs, (untilMs) =>
    askAny(brokers, untilMs, async (broker) => {
      const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS })
      return { id: BigInt(producerId), epoch: producerEpoch }
    }),
  )

const produce = (brokers: Brokers, { topic, partition }: BatchSender, bytes: Buffer, deadlineMs: number) =>
  brokers.connections.run(
    'append',
    deadlineMs,
    (untilMs) =>
      askLeader(brokers, topic, partition, untilMs, async (broker) => {
        const request = produceRequest([{ topic, partition, bytes }], Math.ceil(deadlineMs))
        const [part] = await broker.connectionPool.send(request)
        if (part === undefined) throw new PartitionMoved(topic, CODE.unknownTopicOrPartition)
        if (isMoved(part.code) || TRANSIENT.has(part.code)) throw new PartitionMoved(topic, part.code)
        return part
      }),
    ATTEMPT_MS,
  )
