import { randomUUID } from 'node:crypto'
import type { StoreAdmin } from '../../consumers/ports/store.ts'

/** A builder that died gives its right up after this long. */
const HELD_MS = 15_000

/** Runs `work` with the right to build, or answers `busy` where another process has it. The signal ends with the right. */
export const withBuildLock = async <T>(
  admin: Pick<StoreAdmin, 'holdBuild' | 'releaseBuild'>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'busy'> => {
  const owner = randomUUID()
  if (!(await admin.holdBuild(owner, HELD_MS))) return 'busy'
  const lost = new AbortController()
  const keep = async (): Promise<void> => {
    const held = await admin.holdBuild(owner, HELD_MS).catch(() => true)
    if (!held) lost.abort(new Error('another process has taken over the build'))
  }
  const timer = setInterval(keep, HELD_MS / 5)
  try {
    return await work(AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(timer)
    await admin.releaseBuild(owner).catch(() => {})
  }
}
