import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from './server.mjs'
import { requireRedis } from './tools.mjs'

/** One Redis without data on disk, in its own folder, which is deleted with it. */
export const startRedis = async (say) => {
  const { command, env } = await requireRedis(say)
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-redis-'))
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const server = await startServer('Redis', command, args, { env, ready: 'Ready to accept connections' })
  return {
    ...server,
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
