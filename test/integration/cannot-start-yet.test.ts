import { expect, it } from 'vitest'
import { privateRedis } from '../support/private-redis.ts'
import { openProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

it('a projector without its log says in one sentence that it cannot start yet, and why', async () => {
  const redis = await privateRedis()
  const program = await openProgram({
    brokers: '127.0.0.1:1',
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: 'topic: { name: t, partitions: 1 }\npolicy: { balance_basis: payable, paid_instalments: omit }\n',
  })
  try {
    const projector = await program.start('projector')
    const told = () =>
      projector
        .output()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.includes('cannot start yet'))
    // At its first attempt Redis may not be connected yet: that is said alike.
    const ofLog = () => told().filter((line) => /tries again: .*ECONNREFUSED/.test(line))
    await until('an attempt without the log', () => ofLog().length > 0, 60_000)
    expect(told().every((line) => line.includes('the projector cannot start yet, and tries again: '))).toBe(true)
    expect(projector.output()).not.toMatch(/\n\s+at |"stack"/)
    await until('the readiness to say so too', async () => {
      const answer = await fetch(`${projector.metricsUrl}/readyz?verbose`)
      return (await answer.text()).includes('ECONNREFUSED')
    })
  } finally {
    await program.close()
    await redis.close()
  }
}, 120_000)
