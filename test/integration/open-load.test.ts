import { expect, test } from 'vitest'
import { startChild } from '../../bench/child.ts'
import { quantile } from '../../bench/load.ts'
import { openLoad, openLoadOf } from '../../bench/open-load.ts'

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

test('nothing is sent before it is due, and its latency is at least what the generator was late', async () => {
  const server = await startChild('bare-server.ts', Buffer.from('{}').toString('base64'))
  const seen: string[] = []
  const due = Float64Array.from({ length: 300 }, (_, turn) => (turn < 100 ? turn * 2 : 200 + turn / 4))
  const shots = await openLoadOf(due, () => `http://127.0.0.1:${server.said}/`, 'u:p', {
    see: (_turn, response, body) => seen.push(`${response.statusCode} ${body}`),
  })
  await server.stop()

  expect(shots.map(({ turn, dueMs }) => [turn, dueMs])).toEqual([...due].map((dueMs, turn) => [turn, dueMs]))
  expect(shots.every(({ lateMs, ms }) => lateMs >= 0 && ms >= lateMs)).toBe(true)
  expect(seen).toEqual(Array(300).fill('200 {}'))
}, 30_000)

test('a load that is stopped sends nothing more, and still has every answer', async () => {
  const server = await startChild('bare-server.ts', Buffer.from('{}').toString('base64'))
  const stop = new AbortController()
  const due = Float64Array.from({ length: 60_000 }, (_, turn) => turn)
  const shots = await openLoadOf(due, () => `http://127.0.0.1:${server.said}/`, 'u:p', {
    stop: stop.signal,
    see: (turn) => turn === 20 && stop.abort(),
  })
  await server.stop()

  expect(shots.length).toBeGreaterThan(20)
  expect(shots.length).toBeLessThan(60_000)
  expect(shots.every(({ status }) => status === 200)).toBe(true)
}, 30_000)
