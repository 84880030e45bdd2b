import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Embedded, openEmbedded } from '../../src/sqlite/embedded.ts'
import { record } from '../contract/log-harness.ts'
import { type EmbeddedFile, embeddedFile } from '../support/embedded-file.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'

const TOPIC = 't'

describe('a file that others use too', () => {
  let file: EmbeddedFile
  let embedded: Embedded
  beforeEach(async () => {
    file = await embeddedFile()
    embedded = openEmbedded(file.path, 1)
    await embedded.log.ensureTopics([{ name: TOPIC, partitions: 1, settings: new Map() }])
  })
  afterEach(async () => {
    await embedded.close()
    await file.close()
  })
  const end = async () => (await embedded.log.endOffsets(TOPIC, [0])).get(0)

  it('shows what another connection has just written, also after a read that stopped half-way', async () => {
    const another = openEmbedded(file.path, 1)
    try {
      for (let round = 0; round < 20; round++) {
        await another.log.append([record(TOPIC, 0, 'x'.repeat(1000)), record(TOPIC, 0, 'y'.repeat(1000))])
        expect(await end()).toBe(2 * (round + 1))
        expect((await embedded.log.read(TOPIC, 0, 0, { maxBytes: 1 }))?.records).toHaveLength(1)
      }
    } finally {
      await another.close()
    }
  })

  it('goes on answering while another process holds it for writing, and writes when that one is done', async () => {
    file.db.exec('BEGIN IMMEDIATE')
    const appending = embedded.log.append([record(TOPIC, 0, 'a')])
    const applying = embedded.store.writer.apply(batch({ records: records({ a: '1' }) }))
    expect(await end()).toBe(0)
    expect((await embedded.store.reader.student(0, sid('a'))).record).toBeNull()
    file.db.exec('COMMIT')
    expect(await appending).toEqual([{ partition: 0, offset: 0 }])
    expect(await applying).toEqual({ kind: 'applied' })
  })

  it('refuses a write within its deadline where another process never lets go of it', async () => {
    file.db.exec('BEGIN IMMEDIATE')
    const appending = embedded.log.append([record(TOPIC, 0, 'a')])
    const applying = embedded.store.writer.apply(batch({}))
    expect(await Promise.allSettled([applying, appending])).toMatchObject([
      { status: 'rejected', reason: { code: 'store_unavailable' } },
      { status: 'rejected', reason: { code: 'unavailable' } },
    ])
    file.db.exec('ROLLBACK')
    expect(await end()).toBe(0)
    expect(await embedded.log.append([record(TOPIC, 0, 'b')])).toEqual([{ partition: 0, offset: 0 }])
  }, 30_000)

  it('is written again by a new thread when the last one has died', async () => {
    const other = openEmbedded(file.path, 1)
    try {
      file.db.exec('PRAGMA user_version = 99')
      await expect(other.log.append([record(TOPIC, 0, 'a')])).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('made by a newer version'),
      })
      file.db.exec('PRAGMA user_version = 1')
      expect(await other.log.append([record(TOPIC, 0, 'a')])).toEqual([{ partition: 0, offset: 0 }])
    } finally {
      await other.close()
    }
  })

  it('says why it cannot be written, and not over and over', async () => {
    const said: unknown[] = []
    const talking = openEmbedded(file.path, 1, { logger: { warn: (...line) => void said.push(line) } })
    try {
      const impossible = { ...record(TOPIC, 0, 'x'), timestampMs: 0.5 }
      for (let turn = 0; turn < 5; turn++)
        await expect(talking.log.append([impossible])).rejects.toMatchObject({ code: 'unavailable' })
      expect(said).toEqual([[{ why: expect.stringContaining('timestamp_ms') }, 'the file cannot be written']])
    } finally {
      await talking.close()
    }
  })

  it('is whole in a backup that is taken while it is written to', async () => {
    const copy = `${file.path}.copy.db`
    let writing = true
    const writer = (async () => {
      for (let next = 1; writing; next++) {
        await embedded.log.append([record(TOPIC, 0, `${next}`)])
        const expected = next === 1 ? null : next - 1
        await embedded.store.writer.apply(
          batch({ expected, checkpoint: { next, metadata: '' }, records: records({ a: `${next}` }) }),
        )
      }
    })()
    while ((await end())! < 20) await new Promise((resolve) => setTimeout(resolve, 5))
    file.db.exec(`VACUUM INTO '${copy}'`)
    writing = false
    await writer
    const restored = openEmbedded(copy, 1)
    try {
      const held = (await restored.log.endOffsets(TOPIC, [0])).get(0)!
      const applied = await restored.store.writer.checkpoint(1, 0)
      expect(held).toBeGreaterThanOrEqual(20)
      expect([held, held - 1]).toContain(applied?.next)
      expect((await restored.log.read(TOPIC, 0, 0))?.next).toBe(held)
    } finally {
      await restored.close()
    }
  })

  it('commits what can be done of what lies there, and says of the rest why not', async () => {
    const impossible = { ...record(TOPIC, 0, 'x'), timestampMs: 0.5 }
    const calls = [record(TOPIC, 0, 'a'), impossible, record(TOPIC, 0, 'b')].map((one) => embedded.log.append([one]))
    const settled = await Promise.allSettled(calls)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await end()).toBe(2)
  })
})
