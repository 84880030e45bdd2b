import { builderSignatureOf } from '../../consumers/projector/generations.ts'
import { withBuildLock } from './build-lock.ts'
import { BuildBroken, builder } from './builder.ts'
import { helpOver, lagBehind } from './lag.ts'
import type { RebuildDeps } from './rebuild.ts'

export type RollbackOutcome =
  | { readonly kind: 'switched'; readonly generation: number; readonly former: number | null; readonly events: number }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'overtaken' }

/**
 * Returns to the generation that was active before. That generation is first brought up to the log's end. Stale data is
 * never answered as fresh, but the ERPs would have to answer until then.
 */
export const rollback = async (deps: RebuildDeps, stop: AbortSignal): Promise<RollbackOutcome> => {
  const outcome = await withBuildLock(deps.admin, stop, async (signal): Promise<RollbackOutcome> => {
    const { active, former } = await deps.admin.generations()
    if (former === null) return { kind: 'refused', why: 'there is no former generation' }
    if ((await builderSignatureOf(deps, former)) !== deps.signature) return { kind: 'refused', why: FOREIGN(former) }
    const build = builder(former, { ...deps, signal })
    const lag = { ...deps, builder: build, signal }
    try {
      await build.start()
    } catch (error) {
      if (error instanceof BuildBroken) return { kind: 'refused', why: error.message }
      throw error
    }
    deps.onPhase({ kind: 'building', generation: former, resumed: true })
    let events = 0
    for (let pass = 0; pass < PASSES; pass++) {
      const behind = await lagBehind(lag)
      events += [...behind.values()].reduce((sum, { from, to }) => sum + to - from, 0)
      await build.reachAll(new Map(Array.from(behind, ([partition, { to }]) => [partition, to])))
    }
    if (!(await deps.admin.activate(active, former))) return { kind: 'overtaken' }
    deps.onPhase({ kind: 'switched', generation: former, former: active })
    await helpOver(lag, former)
    return { kind: 'switched', generation: former, former: active, events }
  })
  return outcome === 'busy' ? { kind: 'busy' } : outcome
}

const PASSES = 3
const FOREIGN = (generation: number): string =>
  `generation ${generation} was made by another version, policy or timezone; run this with the one that made it`
