/**
 * What is known of brokers and leaders. Metadata is asked of several brokers at once, over connections of its own, and
 * never older than a second for a proof: a leader that was cut off from its cluster would tell of itself for ever.
 *
 *   unknown ──first answer──► known ──older than 0.5 s──► known, a round of questions under way
 *                               ▲                                   │
 *                               └───────────── answers ─────────────┘
 *   known ──doubt: a partition is not where it was──► the next caller waits for a new round
 */

import type { BrokerConnections, BrokerExchange } from './broker-connections.ts'
import { type Address, metadataRequest, type TopicMetadata } from './protocol/metadata.ts'
import { CODE, PartitionMoved } from './protocol/protocol-errors.ts'
import { type LeaderClaim, type TopicView, topicKnowledge } from './topic-view.ts'

export type Cluster = {
  /** The locations of the topic's partitions; rejects with `PartitionMoved` where the topic does not exist. */
  readonly topic: (name: string, untilMs: number) => Promise<TopicView>
  /** The same from memory; `null` where nothing is known yet. */
  readonly known: (name: string) => TopicView | null
  /** Asks again now. */
  readonly refresh: (name: string, untilMs: number) => Promise<TopicView>
  /** A partition was not at its known location. */
  readonly doubt: (name: string) => void
  /**
   * Whether a broker other than the leader has confirmed this leader since one second before `askedMs`, where another
   * broker exists.
   */
  readonly isVouched: (name: string, claim: LeaderClaim, askedMs: number) => boolean
  /** Waits for the brokers being asked, or asks them. */
  readonly confirm: (name: string, untilMs: number) => Promise<void>
  /** Brokers in the preferred order of asking. */
  readonly brokers: () => readonly Address[]
  readonly controller: () => Address | null
  readonly close: () => void
}

/** Older metadata confirms no leader. */
export const MAX_AGE_MS = 1000
const REFRESH_MS = 500
/** A caller waits for newer metadata when the known one is older than this. */
const WAIT_MS = 3000
const BETWEEN_ROUNDS_MS = 50
const ANSWER_MS = 1000
/** Number of brokers asked in one round. */
const ASKED_AT_ONCE = 3

type Topic = ReturnType<typeof topicKnowledge>
type Round = { readonly first: Promise<unknown>; readonly all: Promise<unknown> }

export const openCluster = (connections: BrokerConnections): Cluster => {
  const addresses = new Map<number, Address>()
  const topics = new Map<
    string,
    { readonly knowledge: Topic; round: Round | null; roundMs: number; doubted: boolean }
  >()
  let controllerId = -1
  let turn = 0

  const stateOf = (name: string) => {
    const known = topics.get(name)
    if (known !== undefined) return known
    const state = { knowledge: topicKnowledge(), round: null, roundMs: Number.NEGATIVE_INFINITY, doubted: false }
    topics.set(name, state)
    return state
  }

  /** Records the current brokers; a broker that left is removed once no answer names it. */
  const noteBrokers = ({ brokers, controllerId: controller }: TopicMetadata): void => {
    controllerId = controller
    const named = new Map(brokers.map((address) => [address.nodeId, address]))
    for (const nodeId of addresses.keys()) if (!named.has(nodeId)) addresses.delete(nodeId)
    for (const [nodeId, address] of named) addresses.set(nodeId, address)
  }

  const targets = (): readonly (Address | null)[] => {
    const all = [...addresses.values()]
    if (all.length === 0) return [null]
    turn += 1
    return Array.from({ length: Math.min(ASKED_AT_ONCE, all.length) }, (_, at) => all[(turn + at) % all.length]!)
  }

  const askOne = async (name: string, target: Address | null): Promise<void> => {
    const askedMs = performance.now()
    const exchange: BrokerExchange<TopicMetadata> = (broker) => broker.connectionPool.send(metadataRequest(name))
    const until = askedMs + ANSWER_MS
    const metadata = await (target === null
      ? connections.askSeed(until, exchange)
      : connections.ask(target, until, exchange))
    noteBrokers(metadata)
    stateOf(name).knowledge.take(target?.nodeId ?? null, askedMs, metadata)
  }

  const startRound = (name: string): Round => {
    const state = stateOf(name)
    const asked = targets().map((target) => askOne(name, target))
    // Where no known broker answers, the configured ones may: the whole cluster may have moved.
    const first = Promise.any(asked).catch(() => askOne(name, null))
    const all = Promise.allSettled(asked)
    const round: Round = { first, all }
    first.catch(() => {})
    state.round = round
    state.roundMs = performance.now()
    state.doubted = false
    void all
      .then(() => first.catch(() => {}))
      .then(() => {
        if (state.round === round) state.round = null
      })
    return round
  }

  const refresh: Cluster['refresh'] = async (name, untilMs) => {
    const state = stateOf(name)
    const pause = state.roundMs + BETWEEN_ROUNDS_MS - performance.now()
    if (pause > 0) await sleep(Math.min(pause, Math.max(0, untilMs - performance.now())))
    await startRound(name).first
    return viewOf(name)
  }

  const viewOf = (name: string): TopicView => {
    const view = stateOf(name).knowledge.view()
    if (view === null) throw new PartitionMoved(name, CODE.unknownTopicOrPartition)
    return view
  }

  const topic: Cluster['topic'] = async (name, untilMs) => {
    const state = stateOf(name)
    const view = state.knowledge.view()
    const ageMs = performance.now() - state.roundMs
    if (view === null || state.doubted || ageMs > WAIT_MS) {
      if (state.round !== null && !state.doubted) await state.round.first
      else await refresh(name, untilMs)
      return viewOf(name)
    }
    if (ageMs > REFRESH_MS && state.round === null) startRound(name)
    return view
  }

  return {
    topic,
    refresh,
    known: (name) => topics.get(name)?.knowledge.view() ?? null,
    doubt: (name) => {
      stateOf(name).doubted = true
    },
    isVouched: (name, claim, askedMs) => {
      const hasOthers = [...addresses.keys()].some((nodeId) => nodeId !== claim.nodeId)
      return stateOf(name).knowledge.confirms(claim, askedMs - MAX_AGE_MS, hasOthers)
    },
    confirm: async (name, untilMs) => {
      const round = stateOf(name).round ?? startRound(name)
      const left = Math.max(0, untilMs - performance.now())
      await Promise.race([round.all, sleep(left)])
    },
    brokers: () => [...addresses.values()],
    controller: () => addresses.get(controllerId) ?? null,
    close: connections.close,
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
