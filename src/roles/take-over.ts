import { setTimeout as sleep } from 'node:timers/promises'
import type { Probe } from '../../consumers/ports/probe.ts'
import { builderSignatureOf, type GenerationDeps, generationState } from '../../consumers/projector/generations.ts'
import type { ProjectorDeps } from '../../consumers/projector/projector.ts'
import { foldVersionIn } from '../../consumers/stored/checkpoint-metadata.ts'
import { pause } from '../log/pause.ts'
import type { Logger } from '../logging.ts'
import { buildThrottle } from '../rebuild/build-throttle.ts'
import { silentObserver } from '../rebuild/observer.ts'
import { type RebuildOutcome, rebuild } from '../rebuild/rebuild.ts'

const LOOK_MS = 1000

export type TakeOverDeps = {
  readonly deps: ProjectorDeps
  readonly probe: () => Probe | null
  readonly log: Logger
  readonly signal: AbortSignal
  /** What is being waited for, for a person; `null`: nothing. */
  readonly onWait: (what: string | null) => void
}

/**
 * A different fold, policy or timezone may have made the active generation. Its own projectors and gateways then
 * continue with it while this projector builds the successor. The switch comes when the successor is complete. A lower
 * fold version than the active one's waits, because its release was replaced.
 */
export const takeOver = async ({ deps, probe, log, signal, onWait }: TakeOverDeps): Promise<void> => {
  for (let told = false; !signal.aborted; ) {
    const standing = await generationState(deps)
    if (standing.kind === 'ours') break
    const older = foldVersionIn(deps.signature) < foldVersionIn(standing.maker)
    if (!told) {
      const how = older ? 'waiting until it is gone' : 'building one beside it from the log'
      log.warn(
        { active: standing.maker, own: deps.signature },
        `the active generation was made by another version, policy or timezone; ${how}`,
      )
    }
    told = true
    onWait(older ? 'the active generation is of a newer version' : 'a generation is being built beside the active one')
    const outcome = older ? null : await build(deps, probe(), onWait, signal)
    if (outcome?.kind === 'switched') log.info({ generation: outcome.generation }, 'switched to the new generation')
    else await pause(LOOK_MS, signal)
  }
  onWait(null)
}

const build = async (
  deps: ProjectorDeps,
  probe: Probe | null,
  onWait: TakeOverDeps['onWait'],
  signal: AbortSignal,
): Promise<RebuildOutcome> => {
  const paced = buildThrottle({ maxRate: null, probe, lowerPriority: () => {}, now: deps.now, sleep })
  const own = {
    observer: silentObserver,
    pace: paced,
    helpers: [],
    random: Math.random,
    sleep,
    onProgress: (done: number, total: number) =>
      onWait(`a generation is being built beside the active one: ${done} of ${total} events`),
    onPhase: () => {},
  }
  try {
    return await rebuild({ ...deps, ...own }, { sample: null, acceptDifferences: true }, signal)
  } finally {
    await paced.close()
  }
}

/**
 * A superseded projector neither switches back nor starts again in an emptied store: its successors do that. It waits
 * until the active generation is one of its own again.
 */
export const untilOurs = async (deps: GenerationDeps, log: Logger, signal: AbortSignal): Promise<void> => {
  log.warn('projectors of another version, policy or timezone have taken over; waiting until they are gone')
  while (!signal.aborted) {
    await pause(LOOK_MS, signal)
    const maker = await makerOfActive(deps).catch(() => null)
    if (maker === deps.signature) return
  }
}

const makerOfActive = async (deps: GenerationDeps): Promise<string | null> => {
  const active = await deps.admin.activeGeneration()
  return active === null ? null : builderSignatureOf(deps, active)
}
