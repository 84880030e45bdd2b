import { deadLetterTopic } from '../../../consumers/dead-letters/write.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { type Projector, startProjector } from '../../../consumers/projector/projector.ts'
import { type Scout, startScout } from '../../../consumers/scout/scout.ts'
import { signatureOf } from '../../../consumers/stored/checkpoint-metadata.ts'
import type { Policy } from '../../../projections/fees/policy.ts'
import type { ErpClient } from '../../../src/erp/port.ts'
import { endsLookup } from '../../../src/pull/ends.ts'
import { lastKnownGood } from '../../../src/pull/last-known-good.ts'
import type { Pull } from '../../../src/pull/port.ts'
import { publishers } from '../../../src/pull/publishers.ts'
import { pullFrom } from '../../../src/pull/pull.ts'
import { logOf, type Membership } from './log-of.ts'
import { type Parts, storeOf } from './parts.ts'
import { CALENDAR } from './plan.ts'
import type { Proc } from './time.ts'

export type Settings = {
  readonly topic: string
  readonly partitions: number
  readonly policy: Policy
  readonly timezone: string
  readonly mode: 'strict' | 'bounded'
  readonly waitMs: number
  readonly boundMs: number
  /** Of one partition in the store. */
  readonly marksAtMost: number
  readonly lastKnownGoodMs: number
  readonly withErp: boolean
  /** A branch whose publisher says that it is alive, and how long it may be silent; `null`: nobody listens. */
  readonly heartbeat: Heartbeat | null
}

export type Heartbeat = { readonly branch: string; readonly source: string; readonly maxAgeMs: number }

export const signature = ({ policy, timezone, topic, partitions }: Settings): string =>
  signatureOf(policy, timezone, topic, partitions)

export type SimProjector = {
  readonly proc: Proc
  readonly membership: () => Membership | null
  readonly projector: () => Projector | null
}

const RETRY_MS = 1000

/** Starts as the role does: again and again until log and store are there. */
export const simProjector = (parts: Parts, settings: Settings, proc: Proc): SimProjector => {
  const { time, counts } = parts
  const { topic, partitions } = settings
  let membership: Membership | null = null
  let projector: Projector | null = null
  const log = logOf(parts, proc, (joined) => {
    membership = joined
  })
  const store = storeOf(parts, proc, 'projector')

  const partitionOfStudent = (identifier: string): number => partitionOf(identifier, partitions)
  let scout: Scout | null = null

  const start = async (): Promise<void> => {
    scout ??= startScout({
      log,
      store: store.writer,
      topic,
      partitions,
      partitionOf: partitionOfStudent,
      generation: store.admin.activeGeneration,
      mayProve: () => true,
      boundMs: settings.boundMs,
      marksAtMost: settings.marksAtMost,
      observer: {
        scanned: (records) => counts.add('scout: scanned', records),
        marks: () => {},
        full: () => {},
        failed: () => counts.add('scout: a round failed'),
      },
    })
    for (;;) {
      try {
        projector = await startProjector({
          log,
          store: store.writer,
          admin: store.admin,
          deadLetters: deadLetterTopic(log, topic),
          topic,
          group: `pullgate.${topic}`,
          partitions,
          signature: signature(settings),
          rendering: { policy: settings.policy, calendar: CALENDAR },
          partitionOf: partitionOfStudent,
          scout,
          behindFrom: 1,
          observer: {
            events: (_type, outcome, count) => counts.add(`event: ${outcome}`, count),
            visible: () => {},
            deadLetter: ({ reason }) => counts.add(`dead letter: ${reason}`),
            misrouted: () => {},
            answerSuperseded: () => {},
            rewound: () => counts.add('projector: rewound'),
            fenced: () => counts.add('projector: fenced'),
            lag: () => {},
            fresh: () => {},
            suspects: () => {},
            logBroken: (_partition, why) => why !== null && counts.add('projector: log broken'),
            failed: () => counts.add('projector: a round of the watch failed'),
            revoked: () => {},
          },
          boundMs: settings.boundMs,
          clock: Date.now,
          now: () => performance.now(),
        })
        return
      } catch {
        await time.sleep(RETRY_MS)
      }
    }
  }
  time.at(0, proc, () => void start())
  return { proc, membership: () => membership, projector: () => projector }
}

/** The gateway's constant is that of src/roles/gateway.ts. */
const ENDS_PACE_MS = 1

export const simGateway = (parts: Parts, settings: Settings, proc: Proc, erp: ErpClient): Pull => {
  const { counts } = parts
  const { topic, partitions } = settings
  const { reader } = storeOf(parts, proc, 'gateway')
  const numbers = Array.from({ length: partitions }, (_, index) => index)
  const config = { branches: branchesOf(settings), ...(settings.withErp && { erp: ERP_CONFIG }) }
  return pullFrom({
    config: () => config,
    reader,
    proof: {
      mode: settings.mode,
      waitMs: settings.waitMs,
      signature: signature(settings),
      ends: endsLookup(logOf(parts, proc), {
        topic,
        partitions: numbers,
        paceMs: ENDS_PACE_MS,
        patienceMs: settings.waitMs,
        onError: () => counts.add('pull: no end of the log'),
      }),
      isSound: () => true,
      onWait: () => counts.add('pull: waited for the projection'),
    },
    publishers: publishers(reader),
    erps: { forBranch: () => (settings.withErp ? erp : undefined) },
    known: lastKnownGood(settings.lastKnownGoodMs, 1_000_000),
    partitionOf: (id) => partitionOf(id, partitions),
    onFallback: (reason) => counts.add(`fallback: ${reason}`),
    onAhead: () => counts.add('pull: answered by the projection while its partition was behind'),
    onFault: () => {},
    rendering: { policy: settings.policy, calendar: CALENDAR },
    severalYears: 'latest',
    clock: Date.now,
  })
}

const branchesOf = ({ heartbeat }: Settings) =>
  heartbeat === null
    ? []
    : [
        {
          collector_code: heartbeat.branch,
          heartbeat: { source: heartbeat.source, max_age_ms: heartbeat.maxAgeMs },
        },
      ]

const ERP_CONFIG = {
  url: 'http://erp.invalid/',
  username: 'pullgate',
  password: 'none',
  timeout_ms: 4000,
  max_concurrent: 20,
  probe: 'off' as const,
  breaker: { error_percent: 50, volume: 20, reset_ms: 10_000 },
}
