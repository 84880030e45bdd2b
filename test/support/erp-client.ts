import { type ErpClientOptions, erpClient } from '../../src/erp/client.ts'
import type { ErpClient, ErpOutcome } from '../../src/erp/port.ts'

type Config = ErpClientOptions['config']

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

export const erpConfig = (
  url: string,
  overrides: Partial<Omit<Config, 'breaker'>> & { readonly breaker?: Partial<Config['breaker']> } = {},
): Config => ({
  url,
  username: 'pullgate',
  password: 'pässword:1',
  timeout_ms: 500,
  max_concurrent: 4,
  probe: 'on',
  ...overrides,
  breaker: { error_percent: 50, volume: 10_000, reset_ms: 200, ...overrides.breaker },
})

/** A client for tests: the breaker stays shut unless told otherwise, and retries wait as long as `random` says. */
export const testClient = (
  config: Config,
  options: Partial<Omit<ErpClientOptions, 'config'>> = {},
): ErpClient & { readonly ask: (identifier: string, withinMs?: number) => Promise<ErpOutcome> } => {
  const client = erpClient({ config, label: () => 'group', log: quiet, random: () => 0, ...options })
  return {
    ...client,
    ask: (identifier, withinMs = 3_000) => client.fetch({ identifier }, 'jodo', performance.now() + withinMs),
  }
}

/** Resolves once the condition holds; fails after five seconds. */
export const until = async (condition: () => boolean, what: string): Promise<void> => {
  const end = performance.now() + 5_000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
