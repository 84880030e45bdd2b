import type { Config, ErpConfig } from '../config/load.ts'
import { type ErpClientOptions, erpClient } from './client.ts'
import { erpEndpoints } from './erp-endpoints.ts'
import type { ErpClient, ErpRequestOutcome } from './port.ts'

type Places = Pick<Config, 'erp' | 'branches'>

/** The ERP for each branch. Read it at the moment of the call: a reload may replace the client. */
export type ErpDirectory = {
  /** The branch's own ERP, else the group's; `undefined` where neither is configured. `null`: no branch is known. */
  readonly forBranch: (collectorCode: string | null) => ErpClient | undefined
  /** Each client once, for metrics. */
  readonly clients: () => readonly ErpClient[]
  /** Those whose configuration has `probe` on. */
  readonly probed: () => readonly ErpClient[]
  /**
   * Applies a new configuration. An ERP with unchanged settings keeps its client, breaker and connections, whatever its
   * position. A removed ERP ends its calls and is closed.
   */
  readonly reload: (places: Places) => void
  readonly close: () => Promise<void>
}

export type ErpDirectoryOptions = Pick<ErpClientOptions, 'log' | 'clock' | 'random'> & {
  readonly onRequest?: (label: string, outcome: ErpRequestOutcome, seconds: number) => void
}

/** One ERP. Branches with the same settings share it, so that it has one breaker and one limit. */
type DirectoryEntry = { label: string; branches: readonly string[]; isProbed: boolean; readonly client: ErpClient }

export const erpDirectory = (initial: Places, { onRequest, ...options }: ErpDirectoryOptions): ErpDirectory => {
  let entries = new Map<string, DirectoryEntry>()
  let group: ErpClient | undefined
  let byBranch = new Map<string, ErpClient>()
  const retiring = new Set<Promise<void>>()

  const open = (config: ErpConfig, label: string): DirectoryEntry => {
    const entry: DirectoryEntry = {
      label,
      branches: [],
      isProbed: true,
      client: erpClient({
        ...options,
        config,
        label: () => entry.label,
        branches: () => entry.branches,
        ...(onRequest && { onRequest: (outcome, seconds) => onRequest(entry.label, outcome, seconds) }),
      }),
    }
    return entry
  }
  const retire = (client: ErpClient) => {
    const closed = client.close().finally(() => retiring.delete(closed))
    retiring.add(closed)
  }

  const reload = (places: Places) => {
    const next = new Map<string, DirectoryEntry>()
    group = undefined
    byBranch = new Map()
    for (const { key, label, collectorCode, erp, isProbed } of erpEndpoints(places)) {
      const entry = next.get(key) ?? entries.get(key) ?? open(erp, label)
      entry.label = label
      entry.isProbed = isProbed
      entry.branches = [...(next.has(key) ? entry.branches : []), ...(collectorCode === null ? [] : [collectorCode])]
      next.set(key, entry)
      if (collectorCode === null) group = entry.client
      else byBranch.set(collectorCode, entry.client)
    }
    for (const [key, { client }] of entries) if (!next.has(key)) retire(client)
    entries = next
  }

  reload(initial)
  return {
    forBranch: (collectorCode) => (collectorCode === null ? undefined : byBranch.get(collectorCode)) ?? group,
    clients: () => [...entries.values()].map(({ client }) => client),
    probed: () => [...entries.values()].flatMap(({ isProbed, client }) => (isProbed ? [client] : [])),
    reload,
    close: async () => {
      for (const { client } of entries.values()) retire(client)
      entries = new Map()
      await Promise.all(retiring)
    },
  }
}
