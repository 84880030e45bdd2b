import { expect, test } from 'vitest'
import { liveConfig } from '../../../../src/config/live.ts'
import { clientTables } from '../../../../src/http/clients.ts'
import { configOf } from '../../../integration/http-edge.ts'

const secret = (n: number, salt: string) => `scrypt$${n}$8$1$${salt.repeat(22)}$${salt.repeat(43)}`
const decoysOf = (...clients: readonly (readonly string[])[]) => {
  const yaml = clients.map((secrets, i) => `\n  - { username: c${i}, secrets: ${JSON.stringify(secrets)} }`).join('')
  const { decoys } = clientTables(liveConfig(configOf({ clients: yaml === '' ? '[]' : yaml })))()
  return decoys.map(({ n, r, p }) => [n, r, p])
}

// Each log-in is verified against all of them, its own secrets in the place of those of the same price.
test('a log-in costs as many verifications of each price as any client has secrets of it', () => {
  const [a, b, dear] = [secret(16, 'a'), secret(16, 'b'), secret(32, 'c')]
  expect(decoysOf([a], [dear])).toEqual([
    [16, 8, 1],
    [32, 8, 1],
  ])
  expect(decoysOf([a], [a, b, dear], [dear])).toEqual([
    [16, 8, 1],
    [16, 8, 1],
    [32, 8, 1],
  ])
})

test('where nobody has a secret, a log-in costs the usual one', () => {
  expect(decoysOf()).toEqual([[32_768, 8, 1]])
})
