import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log, NewRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { openEmbedded } from '../../src/sqlite/embedded.ts'
import { type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'
import { foldLog } from '../support/fold-log.ts'
import type { Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

const TOPIC = 'erp.student-events'
const PARTITIONS = 4
const SENDERS = 4
const STUDENTS_EACH = 5
const ROUNDS = 5
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const

let embedded: EmbeddedProgram
beforeAll(async () => {
  embedded = await embeddedProgram()
})
afterAll(() => embedded?.close())

/** One call's events, and what each student's answer must be with them. */
type Call = { readonly records: readonly NewRecord[]; readonly balances: ReadonlyMap<string, number> }

type Sender = {
  readonly ids: readonly string[]
  /** Sent, and nobody knows whether it arrived: goes first when the process is back. */
  unsure: Call | null
  acknowledged: ReadonlyMap<string, number>
  readonly eventIds: Set<string>
}

const idOf = ({ value }: { readonly value: Uint8Array | null }): string =>
  (JSON.parse(Buffer.from(value!).toString()) as { id: string }).id

const allIds = async (log: Log): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>()
  const ends = await log.endOffsets(TOPIC, [0, 1, 2, 3])
  for (const [partition, end] of ends)
    for (let from = 0; from < end; ) {
      const batch = await log.read(TOPIC, partition, from)
      for (const record of batch!.records) ids.add(idOf(record))
      from = batch!.next
    }
  return ids
}

test('killed at random under load, the process has everything it acknowledged, and nothing twice', async () => {
  const school = publisher(TOPIC, PARTITIONS)
  let fee = 100
  const senders = Array.from({ length: SENDERS }, (_, sender): Sender => {
    const ids = Array.from({ length: STUDENTS_EACH }, (_, index) => `S-${sender}-${index}`)
    const records = ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 100)])
    const unsure = { records, balances: new Map(ids.map((id) => [id, 100])) }
    return { ids, unsure, acknowledged: new Map(), eventIds: new Set() }
  })
  const sent = () => senders.reduce((sum, { eventIds }) => sum + eventIds.size, 0)

  const nextCall = ({ ids }: Sender): Call => {
    const balances = new Map<string, number>()
    const records = ids.flatMap((id) => {
      const paid = ++fee % 50
      balances.set(id, fee - paid)
      return [school.feeChanged(id, fee), school.paid(id, 'P', paid)]
    })
    return { records, balances }
  }

  /** Until the process dies under it. */
  const sendOn = async (sender: Sender, url: string): Promise<void> => {
    for (;;) {
      sender.unsure ??= nextCall(sender)
      const response = await embedded.post(url, sender.unsure.records).catch(() => null)
      if (response === null) return
      expect(response.status).toBe(200)
      for (const record of sender.unsure.records) sender.eventIds.add(idOf(record))
      sender.acknowledged = sender.unsure.balances
      sender.unsure = null
      await response.arrayBuffer().catch(() => null)
    }
  }

  const answered = async ({ url }: Running, id: string): Promise<number> => {
    for (;;) {
      const response = await embedded.pull(url, { identifier: id })
      const { data } = (await response.json()) as { data?: { fee_components: { fee_amount: number }[] } }
      if (data !== undefined) return data.fee_components[0]!.fee_amount
      expect(response.status, 'nothing but an answer to come').toBe(503)
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    const running = await embedded.program.start('all')
    // What was acknowledged before the kill is in the first answer after it, and what was not may be.
    for (const { acknowledged, unsure } of senders)
      for (const [id, balance] of acknowledged)
        expect([balance, unsure?.balances.get(id)], `${id} in round ${round}`).toContain(await answered(running, id))
    const enough = sent() + 100 + round * 61
    const sending = senders.map((sender) => sendOn(sender, running.url))
    await until('some load', () => sent() > enough)
    await running.kill()
    await Promise.all(sending)
  }

  const last = await embedded.program.start('all')
  for (const sender of senders) for (const id of sender.ids) await answered(last, id)
  expect(await last.stop()).toBe(0)

  const { log, store, close } = openEmbedded(embedded.path, PARTITIONS)
  try {
    const held = await allIds(log)
    for (const { eventIds } of senders) for (const id of eventIds) expect(held).toContain(id)
    const truth = await foldLog(log, TOPIC, PARTITIONS, POLICY, 'Asia/Kolkata')
    expect(truth.size).toBe(SENDERS * STUDENTS_EACH)
    const generation = (await store.admin.activeGeneration())!
    for (const [id, record] of truth) {
      const [stored] = await store.writer.load(generation, partitionOf(id, PARTITIONS), [id])
      expect(Buffer.from(stored!).equals(record), `the record of ${id}`).toBe(true)
    }
  } finally {
    await close()
  }
}, 120_000)
