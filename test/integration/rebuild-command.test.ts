import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
const STUDENTS = 300

let log: Log
let redis: PrivateRedis
let program: Program
let env: NodeJS.ProcessEnv
let file: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  const redisUrl = `redis://127.0.0.1:${redis.port}`
  const config = `timezone: Asia/Kolkata
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: outstanding, paid_instalments: zero }
`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl, config })
  file = program.file
  env = { ...process.env, KAFKA_BROKERS: sharedBrokers(), REDIS_URL: redisUrl }
  const school = publisher(topic, PARTITIONS)
  const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
  await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))
}, 60_000)
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await program?.close()
  await redis?.close()
  await log?.close()
})

const BIN = fileURLToPath(new URL('../../bin/pullgate.mjs', import.meta.url))

/** A rebuild that takes its time, and what it has said so far. */
const slowly = () => {
  const child = spawn(process.execPath, [BIN, 'rebuild', '--max-rate', '60', '--config', file], { env })
  children.add(child)
  const exited = once(child, 'exit')
  void exited.then(() => children.delete(child))
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  return { child, said: () => said, exited }
}

it('a rebuild that is killed goes on where it was; meanwhile there is no second one; then it switches', async () => {
  const first = slowly()
  await until('it builds', () => first.said().includes('building generation'), 40_000)
  expect(await program.run(['rebuild'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('Another rebuild is running'),
  })
  first.child.kill('SIGKILL')
  await first.exited

  const second = slowly()
  await second.exited
  expect(second.said()).toContain('Another rebuild is running, or died')
  // An interrupted one gives up its right at once.
  const third = await untilBegun()
  third.child.kill('SIGTERM')
  const [code] = (await third.exited) as [number]
  expect(code).toBe(1)
  expect(third.said()).toContain('run it again to go on')

  const last = await program.run(['rebuild', '--json'])
  expect(last.stderr).toContain('going on with generation')
  expect(last).toMatchObject({ code: 0 })
  expect(JSON.parse(last.stdout)).toMatchObject({ switched: true, former: null, comparison: null })
}, 120_000)

/** As soon as the dead one's right has ended. */
const untilBegun = async (): Promise<ReturnType<typeof slowly>> => {
  for (;;) {
    const next = slowly()
    await until('it builds or ends', () => /going on|Another/u.test(next.said()), 40_000)
    if (next.said().includes('going on')) return next
    await next.exited
  }
}

it('bad options are an error of the command line', async () => {
  expect(await program.run(['rebuild', '--max-rate', 'fast'])).toMatchObject({ code: 2 })
  expect((await program.run(['rebuild', '--rollback'])).stderr).toContain('There is no way back')
})
