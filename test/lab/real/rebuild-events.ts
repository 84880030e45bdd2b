import type { Comparison } from '../../../src/rebuild/compare.ts'
import type { RealFault, Scene } from './faults.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A builder that was killed keeps others out for 15 s. */
const HELD_MS = 15_500

/** Another fault at the same time may end it; a difference is none's excuse. */
const rebuild = async ({ crew, counts, wrong }: Scene): Promise<void> => {
  const { code, stdout } = await crew.begin(['rebuild', '--json']).ended
  counts.add(code === 0 ? 'rebuild: switched' : 'rebuild: not switched')
  const { comparison } =
    stdout === '' ? { comparison: null } : (JSON.parse(stdout) as { comparison: Comparison | null })
  for (const { kind, partition } of comparison?.differences ?? [])
    if (kind !== 'never level') wrong(`wrong: a rebuild found a difference (${kind}) in partition ${partition}`)
}

export const rebuilt: RealFault = {
  name: 'rebuild beside the live generation',
  wound: async (scene) => {
    const over = rebuild(scene)
    return () => over
  },
}

export const rebuildKilled: RealFault = {
  name: 'rebuild killed (SIGKILL), started again',
  wound: async (scene) => {
    const first = scene.crew.begin(['rebuild', '--json'])
    await sleep(500 + scene.random.below(6000))
    first.kill()
    await first.ended
    return async () => {
      await sleep(HELD_MS)
      await rebuild(scene)
    }
  },
}
