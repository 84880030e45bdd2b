import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { basic, cheapHash } from '../integration/http-edge.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'
import { fillOutbox, waitingRows } from './outbox.ts'
import { KITS, type Runtime } from './runtimes.ts'
import { call, type Ended } from './shell.ts'

/**
 * An ERP developer's afternoon with one kit, from an empty folder to a pull that shows the event, on the real program.
 */
export type Kit = {
  readonly name: string
  readonly runtime: () => Promise<Runtime | null>
  /** What to put before the arguments to run the kit that lies in this folder. */
  readonly program: (folder: string) => Promise<readonly string[]>
  /** Forgets that the last `count` events were acknowledged: what a crash right before that was noted leaves behind. */
  readonly forget: (folder: string, count: number) => Promise<unknown>
  /** Whether its outbox is the table of outbox.sql. */
  readonly hasTable: boolean
}

const SOURCE = '/erp/blr-01'
const PARTITIONS = 16
const PARTNER = basic('jodo', 'j-secret')

/** The second and third hash differently where they are not taken as UTF-8. */
const STUDENTS = ['S-1', 'Ä/B 12', '学生-7']

const studentOf = (identifier: string) => ({
  ...{ identifier, grade: '5', academic_year_start: '2026', academic_year_end: '2027', collector_code: 'BLR-01' },
})

const profile = {
  ...{ fullname: 'Asha Rao', new_admission: true, primary_contact_name: 'R Rao' },
  ...{ primary_contact_number: '9800000000', primary_contact_email: 'rao@example.edu' },
}

export const kitSuite = (kit: Kit): void => {
  let runtime: Runtime | null
  let folder: string
  let redis: PrivateRedis
  let program: Program
  let running: Running
  let topic: string
  let command: readonly string[]

  beforeAll(async () => {
    runtime = await kit.runtime()
    if (runtime === null) return
    folder = await mkdtemp(join(tmpdir(), 'pullgate-kit-'))
    await cp(join(KITS, kit.name), join(folder, kit.name), { recursive: true })
    await cp(join(KITS, 'outbox.sql'), join(folder, 'outbox.sql'))
    command = [...runtime.command, ...(await kit.program(join(folder, kit.name)))]
    redis = await privateRedis()
    const log = openLog()
    topic = await freshTopic(log, PARTITIONS)
    await log.close()
    program = await openProgram({
      brokers: sharedBrokers(),
      redisUrl: `redis://127.0.0.1:${redis.port}`,
      config: JSON.stringify({
        topic: { name: topic, partitions: PARTITIONS },
        policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
        freshness: { wait_ms: 5_000 },
        branches: [{ collector_code: 'BLR-01', heartbeat: { source: SOURCE, max_age_ms: 3_600_000 } }],
        clients: [
          { username: 'jodo', secrets: [cheapHash('j-secret')], branches: 'all' },
          { username: 'erp', secrets: [cheapHash('p-secret')], publish: [SOURCE] },
        ],
      }),
    })
    running = await program.start('all')
    await until('the projector', async () => (await fetch(`${running.metricsUrl}/readyz`)).ok)
  }, 300_000)

  afterAll(async () => {
    await program?.close()
    await redis?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const settings = () => ({
    ...runtime?.env,
    ...{ KAFKA_BROKERS: sharedBrokers(), PULLGATE_TOPIC: topic, ERP_SOURCE: SOURCE },
    ...{ PULLGATE_URL: running.url, PULLGATE_USER: 'erp:p-secret' },
  })

  const run = (args: readonly string[], input?: string): Promise<Ended> => {
    const [first = '', ...rest] = command
    return call(first, [...rest, ...args], { cwd: folder, env: settings(), ...(input !== undefined && { input }) })
  }

  /** Runs it until it is killed. */
  const start = (args: readonly string[]) => {
    const [first = '', ...rest] = command
    const child = spawn(first, [...rest, ...args], {
      cwd: folder,
      env: { ...process.env, ...settings() },
      stdio: 'ignore',
    })
    return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended: once(child, 'exit') }
  }

  const succeed = async (args: readonly string[], input?: string): Promise<string> => {
    const ended = await run(args, input)
    expect(ended.code, ended.output).toBe(0)
    return ended.stdout
  }

  const record = (type: string, identifier: string, data: object): Promise<string> =>
    succeed(['record', type, identifier], JSON.stringify({ student: studentOf(identifier), ...data }))

  const assess = (identifier: string, amount: number) =>
    record('erp.fees.assessed.v1', identifier, { fee_components: [{ component_type: 'TUITION_FEE', amount }] })

  /** A slow machine may leave the projection behind for a while: then it does not answer. When it does, all is in it. */
  const expectFee = async (identifier: string, amount: number): Promise<void> => {
    let answer: { readonly source: string | null; readonly text: string } | null = null
    await until(
      'an answer',
      async () => {
        const url = `${running.url}/fetch-student?identifier=${encodeURIComponent(identifier)}`
        const response = await fetch(url, { headers: { authorization: PARTNER } })
        const text = await response.text()
        answer = response.status === 200 ? { source: response.headers.get('x-pullgate-source'), text } : null
        return answer !== null
      },
      60_000,
    )
    expect(answer).toMatchObject({ source: 'projection', text: expect.stringContaining(`"fee_amount":${amount}}`) })
  }

  const misrouted = async (): Promise<number> => {
    const text = await (await fetch(`${running.metricsUrl}/metrics`)).text()
    return [...text.matchAll(/^pullgate_misrouted_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0)
  }

  describe(`the ${kit.name} kit`, () => {
    test('leads from an empty folder to a pull that shows the event', async (context) => {
      if (runtime === null) return context.skip(`no runtime for the ${kit.name} kit here`)
      for (const identifier of STUDENTS) {
        await record('erp.student.enrolled.v1', identifier, profile)
        await assess(identifier, 25_000)
      }
      const shown = await succeed(['show'])
      const validated = await program.run(['events', 'validate', '-'], shown)
      expect(validated.code, validated.stderr + validated.stdout).toBe(0)
      expect(shown.trim().split('\n').length).toBeGreaterThanOrEqual(2 * STUDENTS.length)
      await succeed(['relay', '--once'])
      for (const identifier of STUDENTS) await expectFee(identifier, 25_000)
      expect(await misrouted()).toBe(0)
    }, 120_000)

    test('sends again what it may not have sent, and the balance stays', async (context) => {
      if (runtime === null) return context.skip(`no runtime for the ${kit.name} kit here`)
      await assess('S-1', 30_000)
      await record('erp.payment.recorded.v1', 'S-1', { payment_id: 'P-1', amount: '1000.50', paid_on: '2026-06-02' })
      await succeed(['relay', '--once'])
      await expectFee('S-1', 28_999.5)
      await kit.forget(folder, 2)
      await succeed(['relay', '--once'])
      await record('erp.fee.changed.v1', 'S-1', { component_type: 'TUITION_FEE', amount: '40000' })
      await succeed(['relay', '--once'])
      await expectFee('S-1', 38_999.5)
    }, 120_000)

    const withTable = kit.hasTable ? test : () => {}
    withTable(
      'loses and doubles nothing when its relay is killed again and again',
      async (context) => {
        if (runtime === null) return context.skip(`no runtime for the ${kit.name} kit here`)
        const total = 1_200
        const fees = Array.from({ length: total }, (_, n) => ({
          ...{ specversion: '1.0', id: randomUUID(), source: SOURCE, type: 'erp.fee.changed.v1' },
          time: new Date(Date.UTC(2026, 6, 1) + n).toISOString(),
          data: { student: studentOf('007'), component_type: 'TUITION_FEE', amount: n + 1 },
        }))
        await record('erp.student.enrolled.v1', '007', profile)
        fillOutbox(folder, '007', [{ ...fees[0], id: randomUUID() }, ...fees])
        for (;;) {
          const before = waitingRows(folder)
          if (before === 0) break
          const relay = start(['relay'])
          await until('some to be marked', () => waitingRows(folder) < before, 60_000)
          relay.kill('SIGKILL')
          await relay.ended
        }
        await expectFee('007', total)
        expect(await misrouted()).toBe(0)
      },
      180_000,
    )

    test('refuses a command that it does not know', async (context) => {
      if (runtime === null) return context.skip(`no runtime for the ${kit.name} kit here`)
      expect((await run(['nonsense'])).code).toBe(2)
    }, 60_000)
  })
}
