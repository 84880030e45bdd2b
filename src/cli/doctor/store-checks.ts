import type { Engine } from '../../../consumers/ports/engine.ts'
import type { PartitionView } from '../../../consumers/ports/store.ts'
import { decodeMetadata, hasSignature, signatureOf } from '../../../consumers/stored/checkpoint-metadata.ts'
import { checkIdentity } from '../../../consumers/stored/log-identity.ts'
import type { Config } from '../../config/load.ts'
import { plural } from '../command/output.ts'
import { type DoctorFinding, fail, messageOf, ok, warn } from './finding.ts'

const READY_MS = 3000
/** Clocks are never compared to prove freshness, but heartbeats are measured against the gateway's. */
const SKEW_MS = 2000

/** Whether the store answers and may hold a projection, and whose it is. */
export const checkStore = async (
  { store, names, ready, file }: Engine,
  { topic }: Config,
): Promise<readonly DoctorFinding[]> => {
  try {
    await ready(READY_MS)
    const problems = await store.admin.problems()
    if (problems.length > 0) return problems.map((problem) => fail('store', problem, MENDS[mendFor(problem)]))
    const hints = (await store.admin.hints?.()) ?? []
    const generation = await store.admin.activeGeneration()
    // An empty store has no topic yet, and a check must not claim it.
    const owner = generation === null ? topic.name : await store.admin.claim(topic.name)
    const mend = 'give each topic a Redis (database) of its own, or set topic.name'
    return [
      ok('store', `${names.store} answers`),
      ...hints.map((hint) => warn('store', hint, MENDS[hintFor(hint)])),
      ...(owner === topic.name ? [] : [fail('store', `it belongs to the topic ${owner}, not to ${topic.name}`, mend)]),
      ...(await checkScripts(store, generation ?? 0)),
    ]
  } catch (error) {
    const mend = file === null ? 'check REDIS_URL, and that Redis runs' : 'check the disk, and who may write to it'
    return [fail('store', `${names.store} does not answer: ${messageOf(error)}`, mend)]
  }
}

const MENDS = {
  policy: 'redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
  hint: 'redis-cli CONFIG SET appendonly yes, or more memory',
  other: 'point REDIS_URL at a Redis that may hold the projection',
} as const
const hintFor = (hint: string): keyof typeof MENDS => (hint.includes('maxmemory-policy') ? 'policy' : 'hint')
const mendFor = (problem: string): keyof typeof MENDS => (problem.includes('maxmemory-policy') ? 'policy' : 'other')

/** Runs a script, as every write does; the script returns the store's clock. */
const checkScripts = async (store: Engine['store'], generation: number): Promise<readonly DoctorFinding[]> => {
  try {
    const skewMs = Math.abs((await store.writer.clockMs(generation, 0)) - Date.now())
    if (skewMs < SKEW_MS) return []
    return [warn('clock', `this machine and the store differ by ${(skewMs / 1000).toFixed(1)} s`, 'run NTP on both')]
  } catch (error) {
    const mend = 'ACL SETUSER must allow +eval +evalsha and the keys pg:*, as in docs/configuration.md'
    return [fail('store', `no script can be run, and every write is one: ${messageOf(error)}`, mend)]
  }
}

/** How far the projection has come, whether the log is still its log, and what is in doubt. */
export const checkProjection = async (engine: Engine, config: Config): Promise<readonly DoctorFinding[]> => {
  const { log, store } = engine
  const { topic, policy, timezone } = config
  try {
    const views = await store.reader.partitions()
    const known = views.flatMap((view) => (view.checkpoint ? [{ ...view, checkpoint: view.checkpoint }] : []))
    if (known.length === 0)
      return [warn('projection', 'nothing was projected yet', 'start a projector: npx pullgate projector (or all)')]
    const signature = signatureOf(policy, timezone, topic.name, topic.partitions)
    if (known.some(({ checkpoint }) => !hasSignature(checkpoint.metadata, signature)))
      return [
        fail(
          'projection',
          'it was made by another version, policy, timezone, topic or partition count; gateways of this one do not serve it',
          'npx pullgate rebuild',
        ),
      ]
    const ends = await log.endOffsets(
      topic.name,
      views.map(({ partition }) => partition),
    )
    return [
      lagOf(known, ends),
      ...(await identities(engine, config, known)),
      projectorOf(engine, views),
      ...(await suspects(engine, views)),
      ...(await publishersOf(engine, config)),
    ]
  } catch (error) {
    return [fail('projection', `cannot be compared with the log: ${messageOf(error)}`, 'mend the above first')]
  }
}

type PartitionWithCheckpoint = PartitionView & { readonly checkpoint: NonNullable<PartitionView['checkpoint']> }

const lagOf = (known: readonly PartitionWithCheckpoint[], ends: ReadonlyMap<number, number>): DoctorFinding => {
  const lag = known.reduce(
    (sum, { partition, checkpoint }) => sum + Math.max(0, (ends.get(partition) ?? 0) - checkpoint.next),
    0,
  )
  if (lag === 0) return ok('projection', 'every event of the log is applied')
  return warn(
    'projection',
    `${plural(lag, 'record')} not applied yet`,
    'wait, or look at the projector: is it running?',
  )
}

const identities = async (
  { log }: Engine,
  { topic }: Config,
  known: readonly PartitionWithCheckpoint[],
): Promise<readonly DoctorFinding[]> => {
  const checked = await Promise.all(
    known.map(async ({ partition, checkpoint }) => ({
      partition,
      identity: await checkIdentity(
        log,
        { topic: topic.name, partitions: topic.partitions },
        partition,
        checkpoint.next,
        decodeMetadata(checkpoint.metadata),
      ),
    })),
  )
  const broken = checked.flatMap(({ partition, identity }) =>
    identity.kind === 'broken'
      ? [fail('log identity', `partition ${partition}: ${identity.why}`, 'npx pullgate rebuild')]
      : [],
  )
  return broken.length > 0 ? broken : [ok('log identity', 'the log goes on where the projection stopped')]
}

const projectorOf = ({ file }: Engine, views: readonly PartitionView[]): DoctorFinding => {
  if (file !== null)
    return file.isServed()
      ? ok('projector', 'a process serves the file')
      : warn('projector', 'no process serves the file', 'start it: npx pullgate all')
  const dead = views.filter(({ lease }) => lease === null).map(({ partition }) => partition)
  if (dead.length === 0) return ok('projector', 'proves every partition fresh')
  const where = dead.length === views.length ? 'no partition' : `not ${dead.join(', ')}`
  return warn('projector', `proves ${where} fresh`, 'start one: npx pullgate projector (or all)')
}

const suspects = async ({ store }: Engine, views: readonly PartitionView[]): Promise<readonly DoctorFinding[]> => {
  const counts = await Promise.all(views.map(({ partition }) => store.reader.suspects(partition)))
  const count = counts.reduce((sum, ids) => sum + ids.length, 0)
  if (count === 0) return [ok('students', 'none is suspect')]
  const mend = 'npx pullgate dlq list; npx pullgate student show IDENTIFIER tells what heals one'
  return [
    warn('students', `${plural(count, 'student is', 'students are')} suspect: pulls for them go to the ERP`, mend),
  ]
}

const publishersOf = async ({ store }: Engine, { branches }: Config): Promise<readonly DoctorFinding[]> => {
  const findings: DoctorFinding[] = []
  const misrouting = [...(await store.reader.misroutingSources())]
  if (misrouting.length > 0) {
    const mend = 'set partitioner=murmur2_random (librdkafka); see docs/publishing'
    findings.push(warn('publishers', `${misrouting.join(', ')} put events on wrong partitions`, mend))
  }
  const heartbeats = await store.reader.heartbeats()
  for (const { heartbeat, collector_code } of branches) {
    if (!heartbeat) continue
    const seen = heartbeats.get(heartbeat.source)
    const ageMs = seen === undefined ? null : Math.max(0, Date.now() - seen)
    if (ageMs !== null && ageMs <= heartbeat.max_age_ms) continue
    const age = ageMs === null ? 'was never heard' : `was last heard ${Math.round(ageMs / 1000)} s ago`
    const detail = `${heartbeat.source} ${age}: pulls for branch ${collector_code} go to its ERP`
    findings.push(warn('publishers', detail, `start the publisher of ${heartbeat.source}`))
  }
  return findings
}
