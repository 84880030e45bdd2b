import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkErps } from '../../src/cli/doctor/erp-checks.ts'
import type { Config } from '../../src/config/load.ts'
import { erpConfig } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active } from '../support/fake-erp-students.ts'

let erp: FakeErp
beforeEach(async () => {
  erp = await fakeErp({ students: new Map([['S-1', [active({ identifier: 'S-1' })]]]) })
})
afterEach(() => erp.close())

const examined = (probe: 'on' | 'off' = 'on') =>
  checkErps({ erp: erpConfig(erp.url, { probe }), branches: [], pull: { deadline_ms: 5_000 } } as unknown as Config)

test('an ERP that knows no student that does not exist is well', async () => {
  expect(await examined()).toEqual([
    { check: 'erp', status: 'ok', detail: 'the group: answers, and knows no student that does not exist' },
  ])
})

test('where no probe watches an ERP, the doctor says so', async () => {
  expect((await examined('off'))[0]).toEqual({
    check: 'erp',
    status: 'ok',
    detail:
      'the group: answers, and knows no student that does not exist (probe: off, so that only a pull shows when it stops answering)',
  })
})

test('the doctor names a failure in the words of the probe, and what mends it', async () => {
  await erp.behave({ kind: 'status', code: 500 })
  expect((await examined())[0]).toMatchObject({ status: 'fail', detail: 'the group: cannot be asked: status 500' })
  await erp.behave({ kind: 'garbage' })
  expect((await examined())[0]).toEqual({
    check: 'erp',
    status: 'fail',
    detail: 'the group: its answer cannot be used: not JSON',
    mend: 'see docs/erp.md for what an ERP must answer',
  })
})
