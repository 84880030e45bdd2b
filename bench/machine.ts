import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export const redisVersion = async (): Promise<string> => {
  const { stdout } = await promisify(execFile)('redis-server', ['--version'])
  return /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown'
}
