import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { memberName, type Process } from '../../../../src/kafka/member-name.ts'

const NOBODY = 999_999_999
const own: Process = { namespace: '77', pid: process.pid, began: 'now' }
const { name, hasEnded, isPredecessor } = memberName('pullgate-projector', own)
const place = name.slice(0, -`77_${process.pid}_now`.length)
const named = (namespace: string, pid: number | undefined, began: string): string =>
  `${place}${namespace}_${pid}_${began}`

describe('the name of a group’s member', () => {
  it('begins with the client id, and is the same all through the process', () => {
    const real = memberName('pullgate-projector')
    expect(real.name.startsWith('pullgate-projector_')).toBe(true)
    expect(memberName('pullgate-projector').name).toBe(real.name)
    expect([real.hasEnded(real.name), real.isPredecessor(real.name)]).toEqual([false, false])
  })

  it('tells of a process of this host that it has ended', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    const of = named('77', child.pid, 'abc')
    expect([hasEnded(of), isPredecessor(of)]).toEqual([false, false])
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect([hasEnded(of), isPredecessor(of)]).toEqual([true, true])
  })

  it('takes an earlier process with the same number, as in a container that was restarted, for ended', () => {
    const of = named('77', process.pid, 'earlier')
    expect([hasEnded(of), isPredecessor(of)]).toEqual([true, true])
  })

  it('takes one that cannot be seen from here for a predecessor, but not for certainly ended', () => {
    for (const pid of [process.pid, 1, NOBODY]) {
      const of = named('78', pid, 'abc')
      expect([hasEnded(of), isPredecessor(of)]).toEqual([false, true])
    }
  })

  it.each([
    ['another host', `pullgate-projector_elsewhere_192.0.2.7_77_${NOBODY}_abc`],
    ['another program', `other${place.slice(place.indexOf('_'))}77_${NOBODY}_abc`],
    ['this program without a process', 'pullgate-projector'],
    ['something longer', `${place}77_${NOBODY}_abc_d-e`],
    ['nothing', ''],
  ])('says nothing of %s', (_, clientId) => {
    expect([hasEnded(clientId), isPredecessor(clientId)]).toEqual([false, false])
  })
})
