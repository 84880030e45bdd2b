import type { ErpClient, ErpOutcome } from '../../../src/erp/port.ts'
import type { Random } from '../../support/generate-random.ts'
import type { Counts } from '../counts.ts'
import type { SimTime } from './time.ts'

export type ErpState = { mode: 'up' | 'slow' | 'down' | 'lying' | 'unknowing' }

/** What the ERP says has this mark, and the projection never. */
export const ERP_MARK = '"from":"the ERP"'
export const ERP_BODY = `{"status":"success",${ERP_MARK}}`
export const ERP_UNKNOWN = `{"status":"error",${ERP_MARK},"code":"student_not_found"}`

/** The group's ERP behind its port; it keeps to the deadline, as the port says. */
export const simErp = (time: SimTime, random: Random, counts: Counts, state: ErpState): ErpClient => {
  const answer = (status: 200 | 422, body: string): ErpOutcome => ({
    kind: 'answer',
    status,
    body: Buffer.from(body),
    saidAtMs: Date.now(),
  })
  const outcome = (): ErpOutcome => {
    switch (state.mode) {
      case 'down':
        return { kind: 'unavailable', cause: 'connection' }
      case 'lying':
        return { kind: 'bad_response', detail: 'nonsense' }
      case 'unknowing':
        return answer(422, ERP_UNKNOWN)
      default:
        return answer(200, ERP_BODY)
    }
  }
  return {
    label: 'group',
    fetch: async (_lookup, _client, deadline) => {
      counts.add(`erp: asked while ${state.mode}`)
      const ms = state.mode === 'slow' ? 1000 + random.below(20_000) : 1 + random.below(40)
      const left = deadline - performance.now() - 10
      if (ms > left) {
        await time.sleep(left)
        return { kind: 'unavailable', cause: 'timeout' }
      }
      await time.sleep(ms)
      return outcome()
    },
    probe: async () => null,
    answeredAgoMs: () => Number.POSITIVE_INFINITY,
    breakerState: () => 'closed',
    inFlight: () => 0,
    close: async () => {},
  }
}
