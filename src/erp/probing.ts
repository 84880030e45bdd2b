import type { ErpLog } from './client.ts'
import { type ErpClock, systemClock } from './clock.ts'
import { outcomeDetail } from './failure-words.ts'
import type { ErpClient, ErpOutcome } from './port.ts'

/** Why an ERP's answer for a student that does not exist is wrong, in the words of log and `doctor`; `null`: it is right. */
export const probeFailure = (outcome: ErpOutcome): string | null => {
  if (outcome.kind === 'bad_response') return `its answer cannot be used: ${outcome.detail}`
  if (outcome.kind === 'unavailable') return `cannot be asked: ${outcomeDetail(outcome)}`
  return outcome.status === 422 ? null : 'answers 200 for a student that does not exist'
}

/** The standing probes of all ERPs. */
export type Probing = {
  /** Why the last probe of this ERP failed; `null`: it did not, or there was none yet. */
  readonly failureOf: (erp: ErpClient) => string | null
  /** No probe is sent from now on. */
  readonly stop: () => void
}

const EVERY_MS = 60_000
/** A tick asks nothing but the time. */
const TICK_MS = 1_000

/**
 * Probes each ERP about once a minute, so that one that is down shows before a pull needs it. An ERP that answered a
 * pull within the last minute is not probed. The first probe comes half a minute to a minute after the start. Each
 * pause is random by a quarter, so that hundreds of ERPs and several gateways spread their probes.
 */
export const startProbing = (options: {
  readonly erps: () => readonly ErpClient[]
  readonly log: ErpLog
  readonly everyMs?: number
  readonly tickMs?: number
  readonly clock?: ErpClock
  readonly random?: () => number
}): Probing => {
  const { erps, log, everyMs = EVERY_MS, tickMs = TICK_MS, clock = systemClock, random = Math.random } = options
  const dueMs = new WeakMap<ErpClient, number>()
  const failures = new WeakMap<ErpClient, string>()
  let isStopped = false

  const tell = (erp: ErpClient, failure: string | null): void => {
    const before = failures.get(erp)
    if (failure === null) failures.delete(erp)
    else failures.set(erp, failure)
    if (failure !== null && before === undefined)
      log.warn({ erp: erp.label, detail: failure }, 'an ERP does not answer the probe')
    if (failure === null && before !== undefined) log.info({ erp: erp.label }, 'an ERP answers the probe again')
  }

  const probe = async (erp: ErpClient): Promise<void> => {
    if (erp.answeredAgoMs() < everyMs) return tell(erp, null)
    const outcome = await erp.probe()
    if (outcome !== null && !isStopped) tell(erp, probeFailure(outcome))
  }

  const tick = (): void => {
    for (const erp of erps()) {
      const now = clock.nowMs()
      const due = dueMs.get(erp)
      if (due !== undefined && now < due) continue
      dueMs.set(erp, now + everyMs * (due === undefined ? 0.5 + random() / 2 : 0.75 + random() / 2))
      if (due === undefined) continue
      probe(erp).catch((err: unknown) => log.error({ erp: erp.label, err }, 'an ERP could not be probed'))
    }
  }
  const timer = setInterval(tick, tickMs)
  timer.unref()
  tick()
  return {
    failureOf: (erp) => failures.get(erp) ?? null,
    stop: () => {
      isStopped = true
      clearInterval(timer)
    },
  }
}
