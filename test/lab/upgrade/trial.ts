import type { Program, Running } from '../../support/program.ts'
import { until } from '../../support/until.ts'
import type { Tally, Traffic } from './traffic.ts'

export type Phase = { readonly name: string; readonly seconds: number } & Tally

const isReady = ({ metricsUrl }: Running): Promise<boolean> =>
  fetch(`${metricsUrl}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )

/**
 * A rolling upgrade and a rollback as docs/compatibility.md describes them, with events and pulls at every moment.
 * Gateways of both versions run side by side while pulls move from one to the other.
 */
export const exchangeVersions = async (
  former: Program,
  current: Program,
  traffic: Traffic,
  say: (text: string) => void,
): Promise<readonly Phase[]> => {
  const phases: Phase[] = []
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const result = await work()
    const done = { name, seconds: (performance.now() - began) / 1000, ...traffic.take() }
    say(`${name}: ${done.seconds.toFixed(1)} s, ${done.projection} by the projection, ${done.erp} by the ERP`)
    phases.push(done)
    return result
  }
  const some = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, STEADY_MS))

  const old = await phase('the former version alone', async () => {
    const [projector, gateway] = [await former.start('projector'), await former.start('gateway')]
    await until('the former projector', () => isReady(projector), WAIT_MS)
    traffic.sendTo(gateway)
    await some()
    return { projector, gateway }
  })
  const projector = await phase('the new projector builds beside the former one, and switches', async () => {
    const started = await current.start('projector')
    await until('the new projector', () => isReady(started), WAIT_MS)
    return started
  })
  const gateway = await phase('the new gateway starts, and pulls move to it', async () => {
    const started = await current.start('gateway')
    traffic.sendTo(started, old.gateway)
    await Promise.all([old.projector.stop(), old.gateway.stop()])
    return started
  })
  await phase('the new version alone', some)

  const back = await phase('back: the former gateway and projector start', async () => {
    const started = await former.start('gateway')
    traffic.sendTo(started, gateway)
    return { gateway: started, projector: await former.start('projector') }
  })
  await phase('the former version switches back', async () => {
    const ended = await former.run(['rebuild', '--rollback'])
    if (ended.code !== 0) throw new Error(`the rollback failed:\n${ended.stderr}${ended.stdout}`)
    await until('the former projector', () => isReady(back.projector), WAIT_MS)
    await Promise.all([projector.stop(), gateway.stop()])
  })
  await phase('the former version alone again', some)

  const again = await phase('forward again: the new projector builds, and switches', async () => {
    const started = { projector: await current.start('projector'), gateway: await current.start('gateway') }
    traffic.sendTo(started.gateway, back.gateway)
    await until('the new projector', () => isReady(started.projector), WAIT_MS)
    return started
  })
  await phase('the new version alone again', async () => {
    await Promise.all([back.projector.stop(), back.gateway.stop()])
    traffic.sendTo(again.gateway)
    await some()
  })
  await traffic.stop()
  return phases
}

const STEADY_MS = 5000
const WAIT_MS = 120_000
