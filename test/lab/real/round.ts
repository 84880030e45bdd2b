import { topicSpecs } from '../../../consumers/ports/topic-spec.ts'
import { hashSecret } from '../../../src/config/secret.ts'
import { kafkaLog } from '../../../src/kafka/kafka-log.ts'
import { fakeErp } from '../../support/fake-erp.ts'
import { randomOf } from '../../support/generate-random.ts'
import { openProgram } from '../../support/program.ts'
import { openStore } from '../../support/redis-store.ts'
import { newCounts } from '../counts.ts'
import { openCrew } from './crew.ts'
import { type DomainFigures, domainFigures } from './domain-figures.ts'
import { type Away, PROCESS_FAULTS, type RealFault, type Scene, type WeightedFaults } from './faults.ts'
import type { LabLog, LabRedis } from './servers.ts'
import { PARTITIONS, POLICY, TIMEZONE } from './settings.ts'
import { type Pulling, publish, pull } from './traffic.ts'
import { recoveredMs, verdict } from './verdict.ts'

export type RoundReport = {
  readonly seed: number
  readonly seconds: number
  readonly records: number
  readonly pulls: number
  readonly problems: readonly string[]
  readonly injected: Readonly<Record<string, number>>
  /** Milliseconds from a fault until everything published right after it was visible. */
  readonly recoveries: readonly { readonly fault: string; readonly ms: number }[]
  /** Who answered, by source and status. */
  readonly answers: Readonly<Record<string, number>>
  readonly guards: Readonly<Record<string, number>>
  /** What happened to the partitions of other leaders, and to those that lost theirs. */
  readonly domains: DomainFigures
}

/** Every other fault comes alone, so that its recovery can be timed; else two come at once. */
const AT_ONCE = 0.3

/** One topic, one projection, some processes, and one fault at least, for so long; then everything is healed and compared. */
export const runRound = async (
  { seed, round, seconds }: { readonly seed: number; readonly round: number; readonly seconds: number },
  kafka: LabLog,
  openRedis: () => Promise<LabRedis>,
  say: (text: string) => void,
): Promise<RoundReport> => {
  const began = performance.now()
  const random = randomOf(seed)
  const counts = newCounts()
  const topic = `lab.${seed}.${Date.now()}`
  const log = kafkaLog({ brokers: kafka.addresses, clientId: 'lab', logger: QUIET })
  await log.ensureTopics(topicSpecs(topic, PARTITIONS))
  const redis = await openRedis()
  const erp = await fakeErp()
  const program = await openProgram({
    brokers: kafka.brokers,
    redisUrl: redis.url,
    config: await configOf(topic, erp.url),
  })
  const store = await openStore(redis.servers, { deadlineMs: 5000 })
  const crew = openCrew(program)
  const problems: string[] = []
  const wrong = (problem: string): void => void problems.push(problem)
  const aways: Away[] = []
  let isAlone = true
  let pulling: Pulling | null = null
  const scene: Scene = {
    random,
    counts,
    crew,
    erp,
    topic,
    pulls: () => pulling?.made ?? [],
    noteAway: (away) => void aways.push({ ...away, isAlone }),
    wrong,
  }
  const possible: WeightedFaults = [...PROCESS_FAULTS, ...kafka.faults, ...redis.faults]
  const recoveries: { fault: string; ms: number }[] = []
  const misroutingSince = new Map<string, number>()
  const watching = every(500, async () => {
    await crew.scrape()
    for (const source of await store.reader.misroutingSources().catch(() => []))
      if (!misroutingSince.has(source)) misroutingSince.set(source, Date.now())
  })
  try {
    await Promise.all((['projector', 'projector', 'gateway', 'gateway'] as const).map(crew.start))
    const publishing = publish(log, topic, PARTITIONS, seed, kafka.traffic(round))
    const deps = {
      gateways: () => crew.of('gateway'),
      publishing,
      authorization: `Basic ${Buffer.from(`lab:${PASSWORD}`).toString('base64')}`,
      misrouting: () => [...misroutingSince].filter(([, at]) => at < Date.now() - 2000).map(([source]) => source),
      random: randomOf(seed ^ 77),
      callers: 3,
    }
    pulling = pull(deps)
    await recoveredMs(log, store, topic, PARTITIONS)
    do {
      const faults = choose(scene, possible)
      isAlone = faults.length === 1
      const name = faults.map((fault) => fault.name).join(' + ')
      const heals = await Promise.all(faults.map((fault) => fault.wound(scene)))
      for (const fault of faults) counts.add(fault.name)
      const at = performance.now()
      // A process that takes the place of a killed one comes up beside: others have to take over meanwhile.
      const [recovered] = await Promise.all([
        recoveredMs(log, store, topic, PARTITIONS, at),
        ...heals.map((heal) => heal()),
      ])
      say(
        `${new Date().toISOString().slice(11)} ${name}: ${recovered === null ? 'NOT recovered' : `recovered after ${Math.round(recovered)} ms`}`,
      )
      if (recovered === null) problems.push(`stuck: no recovery from "${name}"`)
      else if (faults.length === 1) recoveries.push({ fault: name, ms: recovered })
      await new Promise((resolve) => setTimeout(resolve, random.below(1500)))
    } while (performance.now() - began < seconds * 1000 && problems.length === 0)
    await publishing.stop()
    const judged = await verdict({ log, store, topic, deps, pulling, aways })
    problems.push(...judged.problems)
    await crew.scrape()
    if (problems.length === 0) problems.push(...(await kafka.lastFault(scene, deps)))
    if (publishing.mirrored() > 0) counts.add('records with headers of another cluster', publishing.mirrored())
    return {
      seed,
      seconds: (performance.now() - began) / 1000,
      records: publishing.records(),
      pulls: pulling.made.length,
      problems: [...new Set(problems)],
      injected: counts.all(),
      recoveries,
      answers: tally(pulling.made.map(({ status, result }) => `${status} ${result.source || 'nobody'}`)),
      guards: crew.counted(),
      domains: domainFigures(aways, pulling.made, judged.truth, new Set(misroutingSince.keys())),
    }
  } finally {
    await watching.stop()
    await program.close()
    await store.connection.close()
    await Promise.all([redis.close(), erp.close(), log.close()])
  }
}

/**
 * A role that has but one process left is not hit by two faults at once, nor one server: what asks something of a paused one
 * would wait until it goes on, and it goes on when both have come.
 */
const choose = ({ random }: Scene, possible: WeightedFaults): readonly RealFault[] => {
  const first = random.weighted(possible)
  if (!random.chance(AT_ONCE)) return [first]
  const second = random.weighted(possible)
  const word = (fault: RealFault) => fault.name.split(' ')[0]
  return word(first) === word(second) ? [first] : [first, second]
}

const PASSWORD = 'lab-password'
const QUIET = { debug: () => {}, info: () => {}, warn: () => {} }

const configOf = async (topic: string, erpUrl: string): Promise<string> =>
  JSON.stringify({
    timezone: TIMEZONE,
    topic: { name: topic, partitions: PARTITIONS },
    policy: POLICY,
    erp: { url: erpUrl, username: 'pullgate', password: 'env:LAB_ERP_PASSWORD', timeout_ms: 1000 },
    clients: [{ username: 'lab', secrets: [await hashSecret(PASSWORD)], branches: 'all' }],
  })

const every = (ms: number, act: () => Promise<void>): { readonly stop: () => Promise<void> } => {
  let stopped = false
  const run = async (): Promise<void> => {
    while (!stopped) {
      await act().catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  }
  const running = run()
  return {
    stop: () => {
      stopped = true
      return running
    },
  }
}

const tally = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts = newCounts()
  for (const name of names) counts.add(name)
  return counts.all()
}
