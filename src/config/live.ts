import type { Config } from './load.ts'

/**
 * The configuration in force. Readers compare the object they last derived something from with `current()`: a
 * reload is another object, so nothing has to be subscribed to or told.
 */
export type LiveConfig = {
  readonly current: () => Config
  /** Takes over clients, branches and ERPs of a reread file; the rest stays as it was at start. Names what stayed. */
  readonly replace: (next: Config) => { readonly ignored: readonly string[] }
}

const reloadable: readonly (keyof Config)[] = ['clients', 'branches', 'erp']

export const liveConfig = (initial: Config): LiveConfig => {
  let config = initial
  const replace = (next: Config) => {
    const keys = Object.keys({ ...config, ...next }) as (keyof Config)[]
    const ignored = keys.filter(
      (key) => !reloadable.includes(key) && JSON.stringify(config[key]) !== JSON.stringify(next[key]),
    )
    const { erp: _, ...rest } = config
    config = Object.freeze({
      ...rest,
      clients: next.clients,
      branches: next.branches,
      ...(next.erp && { erp: next.erp }),
    })
    return { ignored }
  }
  return { current: () => config, replace }
}
