import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ErpDirectory, erpDirectory } from '../../src/erp/directory.ts'
import type { ErpClient } from '../../src/erp/port.ts'
import { erpConfig, until } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active } from '../support/fake-erp-students.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const students = new Map([['S-1', [active({ identifier: 'S-1' })]]])
const ask = (client: ErpClient | undefined) => client!.fetch({ identifier: 'S-1' }, 'jodo', performance.now() + 2_000)
const erpOf = (erp: FakeErp) => erpConfig(erp.url, { breaker: { volume: 2, reset_ms: 60_000 } })

let group: FakeErp
let branch: FakeErp
const directories: ErpDirectory[] = []
const open = (...[places, options]: [Parameters<typeof erpDirectory>[0], { onRequest?: (label: string) => void }?]) => {
  const directory = erpDirectory(places, { log, ...options })
  directories.push(directory)
  return directory
}
beforeEach(async () => {
  group = await fakeErp({ students })
  branch = await fakeErp({ students })
})
afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => directory.close()))
  await Promise.all([group.close(), branch.close()])
})

test('a branch is asked at its own ERP, else at the group, else nowhere', async () => {
  const both = open({
    erp: erpOf(group),
    branches: [{ collector_code: 'A' }, { collector_code: 'B', erp: erpOf(branch) }],
  })
  await ask(both.forBranch('B'))
  expect([group.calls(), branch.calls()]).toEqual([0, 1])
  for (const code of ['A', 'unheard of', null]) await ask(both.forBranch(code))
  expect([group.calls(), branch.calls()]).toEqual([3, 1])

  const own = open({ branches: [{ collector_code: 'B', erp: erpOf(branch) }] })
  expect(own.forBranch('B')).toBeDefined()
  expect([own.forBranch('A'), own.forBranch(null)]).toEqual([undefined, undefined])
  expect(open({ branches: [] }).clients()).toEqual([])
})

test('labels are branch codes and follow a reload, on metrics too', async () => {
  const seen: string[] = []
  const b = { collector_code: 'B', erp: erpOf(branch) }
  const directory = open({ erp: erpOf(group), branches: [b] }, { onRequest: (label) => seen.push(label) })
  expect(directory.clients().map(({ label }) => label)).toEqual(['group', 'B'])
  await ask(directory.forBranch('B'))
  directory.reload({ erp: erpOf(group), branches: [{ ...b, collector_code: 'A' }, b] })
  expect(directory.clients().map(({ label }) => label)).toEqual(['group', 'A'])
  await ask(directory.forBranch('B'))
  expect(seen).toEqual(['B', 'A'])
})

test('places with the same settings are one ERP with one cap and one breaker', () => {
  const directory = open({
    branches: ['A', 'B', 'C'].map((collector_code) => ({ collector_code, erp: erpOf(branch) })),
  })
  expect(directory.clients().map(({ label }) => label)).toEqual(['A'])
  expect(directory.forBranch('A')).toBe(directory.forBranch('C'))
})

test('one ERP that is down costs its own branches only', async () => {
  const directory = open({ erp: erpOf(group), branches: [{ collector_code: 'B', erp: erpOf(branch) }] })
  await branch.behave({ kind: 'status', code: 500 })
  for (let n = 0; n < 3; n++) await ask(directory.forBranch('B'))
  expect(directory.forBranch('B')!.breakerState()).toBe('open')
  expect(await ask(directory.forBranch('A'))).toMatchObject({ kind: 'answer' })
})

test('a reload keeps the breaker and the connections of an ERP that stays as it is', async () => {
  const places = { erp: erpOf(group), branches: [{ collector_code: 'B', erp: erpOf(branch) }] }
  const directory = open(places)
  await ask(directory.forBranch(null))
  await branch.behave({ kind: 'status', code: 500 })
  for (let n = 0; n < 2; n++) await ask(directory.forBranch('B'))
  directory.reload(structuredClone(places))
  expect(directory.forBranch('B')!.breakerState()).toBe('open')
  await ask(directory.forBranch(null))
  expect(group.sockets()).toBe(1)

  directory.reload({ ...places, branches: [{ collector_code: 'B', erp: { ...erpOf(branch), timeout_ms: 499 } }] })
  expect(directory.forBranch('B')!.breakerState()).toBe('closed')
})

test('an ERP that a reload removes ends its calls and then its connections', async () => {
  const directory = open({ erp: erpOf(group), branches: [] })
  await group.behave({ kind: 'slow', ms: 100 })
  const asked = ask(directory.forBranch(null))
  await until(() => group.open() === 1, 'the call is under way')
  directory.reload({ erp: erpOf(branch), branches: [] })
  await ask(directory.forBranch(null))
  expect(branch.calls()).toBe(1)
  expect(await asked).toMatchObject({ kind: 'answer' })
  await until(() => group.sockets() === 0, 'its connections are closed')
})
