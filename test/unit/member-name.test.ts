import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { memberName } from '../../consumers/kafkajs/member-name.ts'

const { name, hasEnded } = memberName('pullgate-projector')
const place = name.slice(0, name.lastIndexOf(`_${process.pid}_`))

describe('the name of a group’s member', () => {
  it('begins with the client id, and is the same all through the process', () => {
    expect(name.startsWith('pullgate-projector_')).toBe(true)
    expect(memberName('pullgate-projector').name).toBe(name)
  })

  it('tells of a process of this host that it has ended', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    const of = `${place}_${child.pid}_abc`
    expect(hasEnded(of)).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(hasEnded(of)).toBe(true)
  })

  it('takes an earlier process with the same number, as in a container that was restarted, for ended', () => {
    expect(hasEnded(name)).toBe(false)
    expect(hasEnded(`${place}_${process.pid}_abc`)).toBe(true)
  })

  it.each([
    ['another host', 'pullgate-projector_elsewhere_192.0.2.7_999999999_abc'],
    ['another program', `other${place.slice(place.indexOf('_'))}_999999999_abc`],
    ['this program without a process', 'pullgate-projector'],
    ['something longer', `${place}_999999999_abc_d-e`],
    ['nothing', ''],
  ])('says nothing of %s', (_, clientId) => {
    expect(hasEnded(clientId)).toBe(false)
  })
})
