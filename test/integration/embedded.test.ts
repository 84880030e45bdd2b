import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

/** Lines as `events publish` reads them. */
const lines = (records: readonly { readonly value: Uint8Array | null }[]): string =>
  records.map(({ value }) => `${Buffer.from(value!).toString()}\n`).join('')

describe('embedded operation', { timeout: 180_000 }, () => {
  let embedded: EmbeddedProgram
  beforeEach(async () => {
    embedded = await embeddedProgram()
  })
  afterEach(() => embedded.close())

  const feeAnswered = async (url: string, identifier: string) => {
    const response = await embedded.pull(url, { identifier })
    const body = (await response.json()) as { data?: { fee_components: { fee_amount: number }[] } }
    return {
      status: response.status,
      source: response.headers.get('x-pullgate-source'),
      fee: body.data?.fee_components[0]?.fee_amount,
    }
  }

  it('answers from one file, with what a command publishes beside the process in the very next pull', async () => {
    const { program } = embedded
    const school = publisher('ignored', 4)
    const running = await program.start('all')
    expect(
      (await program.run(['events', 'publish', '-'], lines([school.enrolled('S-1'), school.assessed('S-1', 100)])))
        .code,
    ).toBe(0)
    expect(await feeAnswered(running.url, 'S-1')).toEqual({ status: 200, source: 'projection', fee: 100 })
    for (let fee = 101; fee < 104; fee++) {
      const published = await program.run(['events', 'publish', '-'], lines([school.feeChanged('S-1', fee)]))
      expect(published).toMatchObject({ code: 0 })
      expect(await feeAnswered(running.url, 'S-1')).toEqual({ status: 200, source: 'projection', fee })
    }
    expect(await running.stop()).toBe(0)
    const again = await program.start('all')
    expect(await feeAnswered(again.url, 'S-1')).toEqual({ status: 200, source: 'projection', fee: 103 })
    expect(again.output()).not.toContain('Warning')
  })

  it('takes events before anything has run, and answers with them', async () => {
    const { program } = embedded
    const school = publisher('ignored', 4)
    const events = lines([school.enrolled('S-1'), school.assessed('S-1', 7)])
    expect((await program.run(['events', 'publish', '-'], events)).code).toBe(0)
    const running = await program.start('all')
    await until('it answers', async () => (await feeAnswered(running.url, 'S-1')).fee === 7)
  })

  it('answers by a proof that is young enough, where that is wanted', async () => {
    const { program, config } = embedded
    await program.rewrite(`${config}\nfreshness: { mode: bounded }`)
    const school = publisher('ignored', 4)
    const running = await program.start('all')
    const events = lines([school.enrolled('S-1'), school.assessed('S-1', 7)])
    expect((await program.run(['events', 'publish', '-'], events)).code).toBe(0)
    await until('it answers', async () => (await feeAnswered(running.url, 'S-1')).fee === 7)
    const proven = (await embedded.pull(running.url, { identifier: 'S-1' })).headers.get('x-pullgate-as-of')
    expect(Date.parse(proven!)).toBeLessThanOrEqual(Date.now())
  })

  it('lets an operator look, decide and rebuild beside it', async () => {
    const { program } = embedded
    const school = publisher('ignored', 4)
    const running = await program.start('all')
    const moved = (grade: string) => school.event('S-1', 'erp.student.transferred.v1', { to: { grade } })
    // The second time there is nobody left to move: poison.
    const events = [school.enrolled('S-1'), school.assessed('S-1', 5), moved('6'), moved('7')]
    const others = [school.enrolled('S-2'), school.assessed('S-2', 9)]
    expect((await program.run(['events', 'publish', '-'], lines([...events, ...others]))).code).toBe(0)
    const of = async (identifier: string) => (await embedded.pull(running.url, { identifier, grade: '6' })).status
    expect((await feeAnswered(running.url, 'S-2')).fee).toBe(9)

    const list = async () =>
      JSON.parse((await program.run(['dlq', 'list', '--json'])).stdout) as { identifier: string; settled: boolean }[]
    expect(await list()).toMatchObject([{ identifier: 'S-1', settled: false }])
    expect(await of('S-1')).toBe(422)
    expect(await program.run(['dlq', 'discard', 'S-1'])).toMatchObject({ code: 0 })
    await until('the decision to be applied', async () => (await list())[0]?.settled === true)
    expect(await of('S-1')).toBe(200)

    expect((await program.run(['student', 'show', 'S-1'])).stdout).toContain('suspect  no')
    expect((await program.run(['student', 'history', 'S-1'])).stdout).toContain('erp.student.transferred.v1')
    const doctor = await program.run(['doctor'])
    expect(doctor.stdout).toContain('a process serves the file')
    expect(doctor.stdout).not.toContain('fail')

    const rebuilt = await program.run(['rebuild'])
    expect(rebuilt).toMatchObject({ code: 0 })
    expect(await of('S-1')).toBe(200)
    expect((await program.run(['events', 'publish', '-'], lines([school.feeChanged('S-2', 10)]))).code).toBe(0)
    expect((await feeAnswered(running.url, 'S-2')).fee).toBe(10)
    expect(await running.stop()).toBe(0)
    expect((await program.run(['doctor'])).stdout).toContain('no process serves the file')
  })

  it('refuses a second process on the file, and lets the next one in when the first was killed', async () => {
    const { program, path } = embedded
    const running = await program.start('all')
    const second = await program.run(['all'])
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toContain(`another process of Pullgate runs on ${path}`)
    await running.kill()
    const next = await program.start('all')
    expect(await next.stop()).toBe(0)
  })

  it.each(['gateway', 'projector'])('refuses a %s alone', async (role) => {
    const refused = await embedded.program.run([role])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('needs KAFKA_BROKERS and REDIS_URL')
    expect(existsSync(embedded.path)).toBe(false)
  })

  it('tells a command that there is no file, and makes none for it', async () => {
    const told = await embedded.program.run(['dlq', 'list'])
    expect(told).toMatchObject({ code: 1, stdout: '' })
    expect(told.stderr).toContain(`there is no file ${embedded.path}`)
    expect(existsSync(embedded.path)).toBe(false)
  })

  it('creates its topics once, and says so', async () => {
    const { program } = embedded
    const topics = async () => JSON.parse((await program.run(['topics', '--json'])).stdout) as { kind: string }[]
    expect((await topics()).map(({ kind }) => kind)).toEqual(['created', 'created'])
    expect((await topics()).map(({ kind }) => kind)).toEqual(['exists', 'exists'])
  })

  it('refuses to start with another number of partitions than the file has', async () => {
    const { program, path } = embedded
    expect((await program.run(['topics'])).code).toBe(0)
    await program.rewrite(`
policy: { balance_basis: payable, paid_instalments: omit }
embedded: { path: ${JSON.stringify(path)} }
topic: { partitions: 8 }`)
    const refused = await program.run(['all'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('partitions=4, it must be 8')
  })

  it.each([
    ['that is no database', 'no database at all '.repeat(100)],
    ['in a folder that is not there', null],
  ])('says in one line that it cannot use a file %s', async (_, content) => {
    const path = content === null ? `${embedded.path}/nowhere/x.db` : embedded.path
    if (content !== null) await writeFile(path, content)
    await embedded.program.rewrite(`
policy: { balance_basis: payable, paid_instalments: omit }
embedded: { path: ${JSON.stringify(path)} }`)
    for (const command of [['all'], ['topics']]) {
      const refused = await embedded.program.run(command)
      expect(refused.code).toBe(1)
      expect(refused.stderr.split('\n').filter((line) => line.includes(path))).toHaveLength(1)
      expect(refused.stderr).not.toContain('    at ')
    }
  })
})
