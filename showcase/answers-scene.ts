import { feeOf, pull } from './partner.ts'
import { type Pupil, payment } from './school.ts'
import type { Scene } from './story.ts'
import type { World } from './world.ts'

type Row = {
  readonly identifier: string
  readonly told: { readonly payable?: number }
  readonly now: { readonly payable?: number } | null
  readonly change: string
  readonly event: { readonly type: string }
}

const PAID = 3_000
const PATIENCE_MS = 30_000

/** Told, then paid at the counter: the partner would debit the higher sum tomorrow. */
export const superseded = (world: World, pupil: Pupil): Scene => ({
  title: 'A parent pays at the counter after the partner has asked',
  play: async () => {
    const told = await pull(world, { identifier: pupil.id })
    await world.publish([payment(world.topic, pupil, 'counter-1', PAID)])
    const row = await rowOf(world, pupil)
    const [before, now] = [row?.told.payable ?? null, row?.now?.payable ?? null]
    const right = row?.change === 'lower' && before !== null && now === before - PAID
    return {
      lines: [
        `the partner was told that ${pupil.id} owes ${feeOf(told, 'TUITION_FEE') ?? 'nothing'} tuition, and debits tomorrow`,
        `npx pullgate answers superseded: ${row ? `${row.identifier} ${row.change}, told ${before}, now ${now}, by ${row.event.type}` : 'nothing'}`,
      ],
      wrong: right ? null : `the list must name ${pupil.id}, and ${PAID} less`,
    }
  },
})

/** An answer is recorded within a moment, so the list is asked until it names the family. */
const rowOf = async (world: World, pupil: Pupil): Promise<Row | undefined> => {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    const rows = JSON.parse((await world.run(['answers', 'superseded', '--json'])) || '[]') as readonly Row[]
    const row = rows.find(({ identifier }) => identifier === pupil.id)
    if (row !== undefined) return row
  }
  return undefined
}
