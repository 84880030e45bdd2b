import type { Log, NewRecord } from '../../../consumers/ports/log.ts'
import { basic } from '../../integration/http-edge.ts'
import type { FakeErp } from '../../support/fake-erp.ts'
import { active } from '../../support/fake-erp-students.ts'
import type { Running } from '../../support/program.ts'
import { CHANGING, type upgradeSchool } from './school.ts'

export const PARTNER = { username: 'jodo', password: 'correct horse' }

export type Tally = { projection: number; erp: number; readonly wrong: string[]; readonly unanswered: string[] }

/** Events and pulls without a pause: every pull follows its event's acknowledgement, so its answer is known. */
export type Traffic = {
  /** Where a load balancer sends pulls from now on: to the first that can be reached. */
  readonly sendTo: (...gateways: readonly Running[]) => void
  /** What was counted since the last call. */
  readonly take: () => Tally
  readonly stop: () => Promise<void>
}

const APPENDS = 5

const empty = (): Tally => ({ projection: 0, erp: 0, wrong: [], unanswered: [] })

export const openTraffic = (log: Log, school: ReturnType<typeof upgradeSchool>, erp: FakeErp): Traffic => {
  let [gateways, tally, amount, over]: [readonly Running[], Tally, number, boolean] = [[], empty(), 100, false]
  const headers = { authorization: basic(PARTNER.username, PARTNER.password) }
  const reached = async (path: string): Promise<Response | null> => {
    for (const { url } of gateways) {
      const response = await fetch(`${url}${path}`, { headers }).catch(() => null)
      if (response !== null) return response
    }
    return null
  }

  /** On a busy machine an acknowledgement may be late; the same event again counts once. */
  const publish = async (record: NewRecord): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      const error = await log.append([record]).then(
        () => null,
        (reason: unknown) => ({ reason }),
      )
      if (error === null) return
      if (attempt === APPENDS) throw error.reason
    }
  }

  const change = async (id: string): Promise<void> => {
    amount += 1
    const told = amount
    erp.students.set(id, [active({ identifier: id }, told)])
    await publish(school.feeChanged(id, told))
    const response = await reached(`/fetch-student?identifier=${id}`)
    const body = await response?.text().catch(() => null)
    const source = response?.headers.get('x-pullgate-source')
    if (response?.status !== 200 || body == null) {
      tally.unanswered.push(`${id}: ${response?.status ?? 'no connection'} ${body ?? ''}`)
    } else if (!body.includes(`"fee_amount":${told}}`)) tally.wrong.push(`${id}: not ${told}, ${source}: ${body}`)
    else if (source === 'projection' || source === 'erp') tally[source] += 1
    else tally.wrong.push(`${id}: answered by ${source}`)
  }

  const workers: Promise<void>[] = []
  const work = async (id: string): Promise<void> => {
    while (!over) await change(id)
  }
  return {
    sendTo: (...to) => {
      gateways = to
      if (workers.length === 0) workers.push(...CHANGING.map(work))
    },
    take: () => {
      const taken = tally
      tally = empty()
      return taken
    },
    stop: async () => {
      over = true
      await Promise.all(workers)
    },
  }
}
