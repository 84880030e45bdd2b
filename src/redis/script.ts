import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisClient } from './connection.ts'

export const scriptNames = [
  'apply',
  'lease',
  'clock',
  'find-custom',
  'scout',
  'scouted',
  'activate',
  'begin-build',
  'begin-removal',
  'hold-build',
  'release-build',
  'forget',
  'claim',
  'retire',
  'unlink-retired',
  'add-answers',
  'recorder-heartbeat',
  'recorders',
] as const
export type ScriptName = (typeof scriptNames)[number]

export type Argument = string | Buffer

/** Sends one script with its keys in the order of its file's header; strings in the reply are text. */
export type RunScript = (
  client: RedisClient,
  name: ScriptName,
  keys: readonly string[],
  args: readonly Argument[],
) => Promise<unknown>

export const scriptText = (name: ScriptName): string =>
  readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')

/**
 * Sends the digest. A server that does not know the digest (restarted, failed over, flushed) gets the text and stores
 * it.
 */
export const scriptRunner = (): RunScript => {
  const scripts = new Map(
    scriptNames.map((name) => {
      const text = scriptText(name)
      return [name, { text, digest: createHash('sha1').update(text).digest('hex') }]
    }),
  )
  return async (client, name, keys, args) => {
    const { text, digest } = scripts.get(name)!
    const rest = [keys.length, ...keys, ...args]
    try {
      return await client.call('evalsha', [digest, ...rest])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.call('eval', [text, ...rest])
    }
  }
}
