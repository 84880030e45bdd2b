import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { liveConfig } from '../../src/config/live.ts'
import { startProbing } from '../../src/erp/probing.ts'
import { buildLog } from '../../src/logging.ts'
import { memoryLog } from '../../src/memory/log.ts'
import { memoryStore } from '../../src/memory/store.ts'
import { dimensionsOf } from '../../src/metrics/dimensions.ts'
import { buildMetrics } from '../../src/metrics/metrics.ts'
import { runGateway } from '../../src/roles/gateway.ts'
import { erpConfig, testClient } from '../support/erp-client.ts'
import { fakeErp } from '../support/fake-erp.ts'
import { freePort } from '../support/program.ts'
import { until } from '../support/until.ts'
import { configOf } from './http-edge.ts'

const quiet = buildLog({ level: 'silent', destination: { write: () => {} }, terminal: false })
const EVERY_MS = 20

/** A gateway in this process, without servers. */
const gatewayWith = async (erpUrl: string, port: number) => {
  const config = { ...configOf({ env: { PORT: String(port) } }), erp: erpConfig(erpUrl) }
  const [log, store] = [memoryLog(), memoryStore(16)]
  const servers = { log, recording: log, store, names: { log: 'the log', store: 'the store' } }
  const engine = {
    ...servers,
    endsPaceMs: 2,
    file: null,
    probe: () => null,
    ready: async () => {},
    close: async () => {},
  }
  return runGateway({
    engine,
    live: liveConfig(config),
    reread: () => ({ ok: true, config }),
    metrics: buildMetrics(['gateway'], dimensionsOf(config)),
    tracing: null,
    log: quiet,
    probeEveryMs: EVERY_MS,
    onRefused: () => {},
  })
}

test('a gateway that drains sends no probe, while clients are connected still', async () => {
  const [erp, witnessed] = [await fakeErp(), await fakeErp()]
  const port = await freePort()
  const gateway = await gatewayWith(erp.url, port)
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {})
  client.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('the gateway has probed', async () => erp.calls() >= 2)
  const closed = gateway.close()
  // The one that was on its way may have come.
  const before = erp.calls() + 1
  const witness = testClient(erpConfig(witnessed.url))
  const probing = startProbing({ erps: () => [witness], log: quiet, everyMs: EVERY_MS, tickMs: EVERY_MS / 4 })
  await until('others have probed often', async () => witnessed.calls() >= 10)
  expect(erp.calls()).toBeLessThanOrEqual(before)
  client.destroy()
  await closed
  probing.stop()
  await witness.close()
  await Promise.all([erp.close(), witnessed.close()])
})
