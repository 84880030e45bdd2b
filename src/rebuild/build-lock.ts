import { randomUUID } from 'node:crypto'
import type { StoreAdmin } from '../../consumers/ports/store.ts'

/** Milliseconds after which a dead builder loses the build lock. */
const HELD_MS = 15_000

/**
 * Runs `work` with the build lock held, or returns `busy` where another process holds the lock. The signal aborts when
 * the lock is lost.
 */
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
