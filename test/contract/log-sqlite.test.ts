import type { NewRecord } from '../../consumers/ports/log.ts'
import { openEmbedded } from '../../src/sqlite/embedded.ts'
import { type EmbeddedFile, embeddedFile } from '../support/embedded-file.ts'
import { newName, type Transaction } from './log-harness.ts'
import { logSuite } from './log-suite.ts'

/**
 * What the port does not do and no program of ours does: offsets that are given out and not to be seen yet, holes in the
 * place of aborted records and markers, a start that moves. The tables allow for it, and readers keep to it.
 */
const foreigner = ({ db }: EmbeddedFile) => {
  type Place = { readonly topic: number; readonly partition: number }
  const open = new Map<object, { readonly place: Place; readonly first: number }[]>()
  const idOf = (topic: string): number =>
    (db.prepare('SELECT id FROM log_topics WHERE name = ?').get(topic) as { id: number }).id
  const reserve = ({ topic, partition }: Place): number => {
    const moved = db.prepare(
      'UPDATE log_partitions SET "end" = "end" + 1 WHERE topic = ? AND partition = ? RETURNING "end"',
    )
    return (moved.get(topic, partition) as { end: number }).end - 1
  }
  const settleStable = ({ topic, partition }: Place): void => {
    const firsts = [...open.values()].flat().filter((o) => o.place.topic === topic && o.place.partition === partition)
    const first = firsts.length === 0 ? null : Math.min(...firsts.map((o) => o.first))
    db.prepare('UPDATE log_partitions SET stable = coalesce(?, "end") WHERE topic = ? AND partition = ?').run(
      first,
      topic,
      partition,
    )
  }
  const transaction = (): Transaction => {
    const me = {}
    const written: { readonly place: Place; readonly offset: number; readonly record: NewRecord }[] = []
    open.set(me, [])
    const end = (commit: boolean): void => {
      open.delete(me)
      const places = new Map(written.map(({ place }) => [`${place.topic} ${place.partition}`, place]))
      if (commit)
        for (const { place, offset, record } of written)
          db.prepare('INSERT INTO log_records VALUES (?, ?, ?, ?, ?, ?, NULL)').run(
            place.topic,
            place.partition,
            offset,
            Date.now(),
            record.key,
            record.value,
          )
      for (const place of places.values()) {
        reserve(place)
        settleStable(place)
      }
    }
    return {
      append: async (records) => {
        for (const record of records) {
          const place = { topic: idOf(record.topic), partition: record.partition }
          const offset = reserve(place)
          written.push({ place, offset, record })
          if (!open.get(me)!.some((o) => o.place.topic === place.topic && o.place.partition === place.partition))
            open.get(me)!.push({ place, first: offset })
          settleStable(place)
        }
      },
      commit: async () => end(true),
      abort: async () => end(false),
    }
  }
  return {
    transaction: async () => transaction(),
    expire: async (topic: string, partition: number, start: number) => {
      db.prepare('DELETE FROM log_records WHERE topic = ? AND partition = ? AND "offset" < ?').run(
        idOf(topic),
        partition,
        start,
      )
      db.prepare('UPDATE log_partitions SET start = ? WHERE topic = ? AND partition = ?').run(
        start,
        idOf(topic),
        partition,
      )
    },
    grow: async (topic: string, partitions: number) => {
      const id = idOf(topic)
      const insert = db.prepare('INSERT OR IGNORE INTO log_partitions VALUES (?, ?, 0, 0, 0)')
      for (let partition = 0; partition < partitions; partition += 1) insert.run(id, partition)
      db.prepare('UPDATE log_topics SET partitions = ? WHERE id = ?').run(partitions, id)
    },
    forget: (topic: string) => {
      const id = idOf(topic)
      for (const table of ['log_records', 'log_partitions']) db.prepare(`DELETE FROM ${table} WHERE topic = ?`).run(id)
      db.prepare('DELETE FROM log_topics WHERE id = ?').run(id)
    },
  }
}

logSuite('the log on a SQLite file', async () => {
  const file = await embeddedFile()
  const one = openEmbedded(file.path, 1)
  const two = openEmbedded(file.path, 1)
  const { forget, ...foreign } = foreigner(file)
  return {
    log: one.log,
    // Groups live in the process that serves the file; everything else comes by another connection.
    another: { ...two.log, consume: one.log.consume },
    newTopic: async (partitions) => {
      const name = newName('t')
      await one.log.ensureTopics([{ name, partitions, settings: new Map() }])
      return name
    },
    ...foreign,
    recreate: async (topic, partitions) => {
      forget(topic)
      await two.log.ensureTopics([{ name: topic, partitions, settings: new Map() }])
    },
    close: async () => {
      await Promise.all([one.close(), two.close()])
      await file.close()
    },
  }
})
