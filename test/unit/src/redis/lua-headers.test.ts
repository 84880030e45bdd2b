import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { redisAdmin } from '../../../../src/redis/admin.ts'
import type { RedisConnection } from '../../../../src/redis/connection.ts'
import { redisReader } from '../../../../src/redis/reader.ts'
import { redisRecentAnswers } from '../../../../src/redis/recent-answers.ts'
import { type RunScript, type ScriptName, scriptNames, scriptText } from '../../../../src/redis/script.ts'
import { redisWriter } from '../../../../src/redis/writer.ts'
import { batch, records, sid } from '../../../support/store-fixtures.ts'

type Sent = { readonly keys: readonly string[]; readonly args: readonly unknown[] }

/** A comment block of the file's top: the names after `KEYS:` or `ARGV:`, in order. */
const header = (text: string, what: 'KEYS' | 'ARGV'): readonly string[] => {
  const lines = text.split('\n').filter((line) => line.startsWith('-- '))
  const first = lines.findIndex((line) => line.startsWith(`-- ${what}: `))
  const more = lines.slice(first + 1).findIndex((line) => !line.startsWith('--   '))
  const block = lines.slice(first, first + 1 + more).join(' ')
  const names = block
    .replace(`-- ${what}: `, '')
    .replaceAll(/\([^)]*\)|-- +/gu, '')
    .split(',')
    .map((name) => name.trim())
  return names[0] === 'none' ? [] : names
}

const fixed = (names: readonly string[]) => names.filter((name) => !name.endsWith('...')).length

/** Highest literal index in the code below the header: `KEYS[3]` is 3. */
const highest = (text: string, what: 'KEYS' | 'ARGV'): number =>
  Math.max(0, ...Array.from(text.matchAll(new RegExp(`${what}\\[(\\d+)\\]`, 'gu')), ([, index]) => Number(index)))

/** Drives every side of the store and keeps what each script was sent. */
const record = async (): Promise<ReadonlyMap<ScriptName, Sent>> => {
  const sent = new Map<ScriptName, Sent>()
  const runScript: RunScript = async (_client, name, keys, args) => {
    sent.set(name, { keys, args })
    return name === 'find-custom' || name === 'scouted'
      ? [null, null]
      : name === 'activate' || name === 'begin-removal' || name === 'clock'
        ? 1
        : [0, '1']
  }
  const node = { scan: async () => ['0', ['pg:1:{0}:s:a']], get: async () => '7', mgetBuffer: async () => [] }
  const connection = {
    run: (call: (client: unknown) => Promise<unknown>) => call(node),
    masters: () => [node],
    isCluster: false,
  } as unknown as RedisConnection
  const writer = redisWriter(connection, runScript)
  const admin = redisAdmin(connection, runScript, 1)
  await writer.apply(
    batch({
      records: records({ a: '1', b: '2' }),
      customAdded: [{ custom: 'c', identifier: sid('a') }],
      suspectRemoved: [sid('a'), sid('b'), sid('c')],
      heartbeats: new Map([['s', 1]]),
      misrouting: ['s'],
    }),
  )
  await writer.lease(1, 0, { next: 1, provenAtMs: 1 }, 1)
  await writer.clockMs(1, 0)
  const marks = new Map([[sid('a'), 1]])
  const range = { identity: 't.0', from: 0, upTo: 2, everybody: -1, misrouted: -1 }
  await writer.scout({ partition: 0, generation: 1, ...range, marks, begins: true, marksAtMost: 9, proof: null })
  const reader = redisReader(connection, runScript, 1)
  await reader.studentAhead(0, sid('a'))
  await reader.byCustom('c')
  await admin.activate(null, 1)
  await admin.beginBuild()
  await admin.holdBuild('o', 1)
  await admin.releaseBuild('o')
  await admin.claim('t')
  await admin.removeGeneration(1)
  const recent = redisRecentAnswers(connection, runScript)
  await recent.add(
    0,
    [
      { id: sid('a'), line: '1' },
      { id: sid('b'), line: '2' },
    ],
    1,
  )
  await recent.heartbeat('r', 1, 1)
  await recent.recorders()
  return sent
}

describe('every Lua file', async () => {
  const sent = await record()

  it('is known by name', () => {
    const files = readdirSync(new URL('../../../../src/redis/lua', import.meta.url))
    expect(files.toSorted()).toEqual(scriptNames.map((name) => `${name}.lua`).toSorted())
    expect([...sent.keys()].toSorted()).toEqual([...scriptNames].toSorted())
  })

  it.each(scriptNames)('%s has a header that names what it gets', (name) => {
    const text = scriptText(name)
    const { keys, args } = sent.get(name)!
    const variableArgs = { apply: 2 + 1 + 3 + 2 + 1, scout: 2, scouted: 1, 'add-answers': 2 }[name as string] ?? 0
    const variableKeys = name === 'apply' || name === 'add-answers' ? 2 : name === 'unlink-retired' ? 1 : 0
    expect(keys).toHaveLength(fixed(header(text, 'KEYS')) + variableKeys)
    expect(args).toHaveLength(fixed(header(text, 'ARGV')) + variableArgs)
    expect(highest(text, 'KEYS')).toBeLessThanOrEqual(fixed(header(text, 'KEYS')))
    expect(highest(text, 'ARGV')).toBeLessThanOrEqual(fixed(header(text, 'ARGV')))
    expect(text).toMatch(/^-- returns: /mu)
    expect(text.split('\n').length).toBeLessThanOrEqual(81)
  })

  it.each(scriptNames)('%s takes every key from KEYS, all of one hash slot', (name) => {
    expect(scriptText(name)).not.toContain('pg:')
    expect(new Set(sent.get(name)!.keys.map((key) => /\{(.*?)\}/u.exec(key)?.[1])).size).toBe(1)
  })
})
