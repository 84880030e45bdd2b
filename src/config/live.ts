import type { Config } from './load.ts'

/**
 * The configuration in force. Readers compare the object they last derived something from with `current()`: a
 * reload is another object, so nothing has to be subscribed to or told.
 */
export type LiveConfig = {
  readonly current: () => Config
  /** Takes over clients, branches, ERPs and trusted proxies of a reread file; the rest stays as it was at start. Names what stayed. */
  readonly replace: (next: Config) => { readonly ignored: readonly string[] }
}

export const liveConfig = (initial: Config): LiveConfig => {
  let config = initial
  const replace = (next: Config) => {
    const { erp: _, ...rest } = config
    const merged: Config = Object.freeze({
      ...rest,
      clients: next.clients,
      branches: next.branches,
      http: Object.freeze({ ...config.http, trusted_proxies: next.http.trusted_proxies }),
      ...(next.erp && { erp: next.erp }),
    })
    const keys = Object.keys({ ...merged, ...next }) as (keyof Config)[]
    const ignored = keys.filter((key) => JSON.stringify(merged[key]) !== JSON.stringify(next[key]))
    config = merged
    return { ignored }
  }
  return { current: () => config, replace }
}
