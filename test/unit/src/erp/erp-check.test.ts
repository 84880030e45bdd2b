import { expect, test } from 'vitest'
import { liveConfig } from '../../../../src/config/live.ts'
import type { Config } from '../../../../src/config/load.ts'
import { erpEndpoints } from '../../../../src/erp/erp-endpoints.ts'
import { erpCheck } from '../../../../src/roles/erp-check.ts'

const erp = (url: string) => ({
  url,
  username: 'u',
  password: 'p',
  timeout_ms: 1000,
  max_concurrent: 1,
  probe: 'on' as const,
  breaker: { error_percent: 50, volume: 20, reset_ms: 1000 },
})
const config = {
  erp: erp('https://group.example.edu/'),
  branches: [
    { collector_code: 'A', erp: erp('https://a.example.edu/') },
    { collector_code: 'B' },
    { collector_code: 'C', erp: erp('https://group.example.edu/') },
    { collector_code: 'D', erp: erp('https://a.example.edu/') },
  ],
} as unknown as Config

test('places with the same settings are one ERP, named after the first', () => {
  expect(erpEndpoints(config).map(({ label, collectorCode }) => [label, collectorCode])).toEqual([
    ['group', null],
    ['A', 'A'],
    ['group', 'C'],
    ['A', 'D'],
  ])
})

test('/readyz tells which branches an ERP’s label stands for, and is ready while a breaker is open', async () => {
  const clients = () => [
    { label: 'group', breakerState: () => 'closed' as const },
    { label: 'A', breakerState: () => 'open' as const },
  ]
  const directory = { clients } as unknown as Parameters<typeof erpCheck>[1]
  const { check } = erpCheck(liveConfig(config), directory, () => null)
  expect(await check()).toEqual({ ok: true, detail: 'group (C): closed; A (A, D): open' })
  const probed = erpCheck(liveConfig(config), directory, ({ label }) => (label === 'A' ? 'status 503' : null))
  expect(await probed.check()).toEqual({
    ok: true,
    detail: 'group (C): closed; A (A, D): open, the last probe failed: status 503',
  })
})

test('a branch that is called like the group’s ERP has a label of its own', () => {
  const named = { ...config, branches: [{ collector_code: 'group', erp: erp('https://b.example.edu/') }] } as Config
  expect(erpEndpoints(named).map(({ label }) => label)).toEqual(['group', 'branch group'])
})

test('one ERP is not probed where any of its sections says off, and stays one ERP', () => {
  const branches = [
    { collector_code: 'A', erp: erp('https://a.example.edu/') },
    { collector_code: 'B', erp: { ...erp('https://a.example.edu/'), probe: false } },
    { collector_code: 'C', erp: erp('https://c.example.edu/') },
  ]
  const probed = erpEndpoints({ ...config, branches } as Config).map(({ label, isProbed }) => [label, isProbed])
  expect(probed).toEqual([
    ['group', true],
    ['A', false],
    ['A', false],
    ['C', true],
  ])
})
