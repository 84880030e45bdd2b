import { dueAnswer, faultOf } from '../checks/answers.ts'
import { customFaultOf, dueByCustom } from '../checks/custom-answers.ts'
import { silentBranches, type Truth } from '../checks/truth.ts'
import { homeOf, type Made, pullOnce, unixMs } from './pulling.ts'
import type { World } from './world.ts'

export const pullFaults = (world: World, truth: Truth, made: Made): readonly string[] => {
  const { result, identifier, askedMs } = made
  if (result.kind === 'threw') return [`threw: ${String(result.error)}`]
  const outcome = result.kind === 'answer' ? `answered by ${result.source}` : result.code
  world.counts.add(identifier === null ? `pull by custom identifier: ${outcome}` : `pull: ${outcome}`)
  const silent = silentOf(world, truth, made)
  if (silent.length > 0) world.counts.add('pull: while a publisher was silent')
  const fault = identifier === null ? byCustom(truth, made, silent) : byStudent(world, truth, made, silent)
  return fault === null ? [] : [`${fault} [${made.gateway} at ${Math.round(askedMs)} ms]`]
}

const silentOf = ({ plan }: World, truth: Truth, { askedMs, answeredMs }: Made): readonly string[] => {
  const { heartbeat } = plan.settings
  return heartbeat === null ? [] : silentBranches(truth, [heartbeat], unixMs(askedMs), unixMs(answeredMs))
}

const byCustom = (truth: Truth, made: Made, silent: readonly string[]): string | null => {
  const { result, required, reach, misrouting, query, askedMs } = made
  if (result.kind === 'threw') return null
  return customFaultOf(truth, { query, askedMs: unixMs(askedMs), required, reach, misrouting, silent, result })
}

const byStudent = (world: World, truth: Truth, made: Made, silent: readonly string[]): string | null => {
  const { result, required, reach, misrouting, query, askedMs } = made
  const identifier = made.identifier!
  if (result.kind === 'threw') return null
  const home = homeOf(world, identifier)
  const version = truth.versions.get(identifier)?.findLast(({ next }) => next <= required[home]!)
  const known = version?.answers.sources ?? []
  const strays = truth.strays
    .filter(
      ({ identifier: of, source, partition, offset }) =>
        of === identifier &&
        source !== null &&
        misrouting.includes(source) &&
        known.includes(source) &&
        offset < required[partition]!,
    )
    .map(({ partition, offset }) => `${partition}/${offset}`)
  return faultOf(truth, {
    identifier,
    query,
    askedMs: unixMs(askedMs),
    required: required[home]!,
    reach: reach[home]!,
    strays,
    silent,
    result,
  })
}

/**
 * In the end every healthy student is answered from the projection, and no other; by custom identifier too.
 *
 * @param alive the publishers are: else what they are watched for may well not be answered
 */
export const finalPulls = async (
  world: World,
  truthOf: (world: World) => Promise<Truth>,
  alive: boolean,
): Promise<readonly string[]> => {
  const { plan, gateways } = world
  const gateway = gateways.find(({ proc }) => proc.alive)!
  const queries = [
    ...plan.students.map((identifier) => ({ identifier })),
    ...plan.customs.map((custom_identifier) => ({ custom_identifier })),
  ]
  const made: Made[] = []
  for (const query of queries) made.push(await pullOnce(world, gateway, query))
  const truth = await truthOf(world)
  return made.flatMap((one) => {
    const { result, identifier, query, askedMs } = one
    const nowMs = unixMs(askedMs)
    const due = identifier === null ? dueByCustom(truth, query, nowMs) : dueAnswer(truth, identifier, query, nowMs)
    const isAnswered = result.kind === 'answer' && result.source === 'projection' && result.reason === undefined
    const isStuck = alive && due !== null && !isAnswered
    return [
      ...pullFaults(world, truth, one),
      ...(isStuck ? ['stuck: a healthy student is not answered from the projection'] : []),
    ]
  })
}
