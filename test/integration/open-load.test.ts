import { expect, test } from 'vitest'
import { startChild } from '../../bench/child.ts'
import { quantile } from '../../bench/load.ts'
import { openLoad } from '../../bench/open-load.ts'

test('a server that is stopped for a second shows in the latencies of everything that was due meanwhile', async () => {
  const server = await startChild('bare-server.ts', Buffer.from('{}').toString('base64'))
  const load = openLoad(100, 4_000, () => `http://127.0.0.1:${server.said}/`, 'u:p')
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  server.process.kill('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  server.process.kill('SIGCONT')
  const shots = await load
  await server.stop()

  expect(shots).toHaveLength(400)
  expect(shots.every(({ status }) => status === 200)).toBe(true)
  const ms = shots.map((shot) => shot.ms)
  expect(quantile(ms, 0.99)).toBeGreaterThan(700)
  // A closed loop would have sent one request in that second, and hidden the stall from all but one latency.
  expect(ms.filter((one) => one > 300).length).toBeGreaterThan(40)
}, 30_000)
