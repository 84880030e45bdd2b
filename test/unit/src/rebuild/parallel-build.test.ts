import { describe, expect, it, vi } from 'vitest'
import type { Builder } from '../../../../src/rebuild/builder.ts'
import { type Helper, type Missing, reachTogether } from '../../../../src/rebuild/parallel-build.ts'

const never = new AbortController().signal
const missing = (...events: readonly number[]): Missing =>
  new Map(events.map((count, partition) => [partition, { from: 10, to: 10 + count }]))

const fakeBuild = (reachAll: Builder['reachAll'] = async () => {}) => {
  const said: string[] = []
  const build: Builder = {
    start: async () => void said.push('started again'),
    nexts: () => new Map(),
    reach: async () => {},
    reachAll: async (targets) => {
      said.push(`own ${[...targets.keys()].join()}`)
      await reachAll(targets)
    },
  }
  return { build, said }
}

const helping = (reach: Helper['reach'], worthFrom = 0): Helper => ({ worthFrom, reach })
const rest = { generation: 7, done: () => {}, failed: () => {}, signal: never }

describe('building together', () => {
  it('deals every partition out once, up to its end, about as many events to each', async () => {
    const { build, said } = fakeBuild()
    const reach = vi.fn<Helper['reach']>(async () => {})
    await reachTogether(missing(100, 40, 50, 30, 60), { ...rest, build, helpers: [helping(reach)] })
    expect(said).toEqual(['own 0,1', 'started again'])
    const [generation, targets] = reach.mock.calls[0]!
    expect([generation, targets]).toEqual([
      7,
      new Map([
        [4, 70],
        [2, 60],
        [3, 40],
      ]),
    ])
  })

  it('asks only as many as there is enough to do for', async () => {
    const { build, said } = fakeBuild()
    const reach = vi.fn<Helper['reach']>(async () => {})
    const helpers = [helping(reach, 50), helping(reach, 50), helping(reach, 50)]
    await reachTogether(missing(99, 0), { ...rest, build, helpers: [helping(reach, 50)] })
    expect([reach.mock.calls.length, said]).toEqual([0, []])
    await reachTogether(missing(50, 50, 50, 0), { ...rest, build, helpers })
    expect(reach).toHaveBeenCalledTimes(2)
  })

  it('does itself what would be too little for a helper, however much there is in all', async () => {
    const { build, said } = fakeBuild()
    const reach = vi.fn<Helper['reach']>(async () => {})
    await reachTogether(missing(500, 0, 3), { ...rest, build, helpers: [helping(reach, 10)] })
    expect([reach.mock.calls.length, said]).toEqual([0, []])
    await reachTogether(missing(500, 20, 0), { ...rest, build, helpers: [helping(reach, 10), helping(reach, 30)] })
    expect([reach.mock.calls.length, said]).toEqual([1, ['own 0,2', 'started again']])
  })

  it('leaves what a helper could not do, and looks anew at what is there', async () => {
    const { build, said } = fakeBuild()
    const failing = helping(() => Promise.reject(new Error('out of memory')))
    const failed = vi.fn<(why: string) => void>()
    await reachTogether(missing(5, 5), { ...rest, build, helpers: [failing], failed })
    expect(said).toEqual(['own 0', 'started again'])
    expect(failed.mock.calls).toEqual([['out of memory']])
  })

  it('stops its helpers when it cannot go on itself, and waits for their end', async () => {
    const { build, said } = fakeBuild(() => Promise.reject(new Error('the log has changed')))
    let ended = false
    const helper = helping(async (_generation, _targets, _done, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      ended = true
    })
    const together = reachTogether(missing(5, 5), { ...rest, build, helpers: [helper] })
    await expect(together).rejects.toThrow('the log has changed')
    expect([ended, said]).toEqual([true, ['own 0']])
  })

  it('ends with its signal', async () => {
    const stop = new AbortController()
    const { build, said } = fakeBuild(async () => stop.abort(new Error('somebody else builds')))
    const helper = helping(async () => {})
    const together = reachTogether(missing(5, 5), { ...rest, build, helpers: [helper], signal: stop.signal })
    await expect(together).rejects.toThrow('somebody else builds')
    expect(said).toEqual(['own 0'])
  })
})
