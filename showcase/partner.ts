import type { World } from './world.ts'

/** What the partner gets. */
export type Pulled = {
  readonly status: number
  readonly source: string
  readonly reason: string | null
  readonly ms: number
  readonly body: {
    readonly code?: string
    readonly data?: {
      readonly student: { readonly collector_code?: string }
      readonly fee_components: readonly { readonly component_type: string; readonly fee_amount: number }[]
    }
  }
}

/** One pull, as the partner makes it. */
export const pull = async (world: World, query: Record<string, string>): Promise<Pulled> => {
  const began = performance.now()
  const response = await fetch(`${world.url}?${new URLSearchParams(query)}`, {
    headers: { Authorization: `Basic ${Buffer.from(world.credentials).toString('base64')}` },
  })
  const body = (await response.json()) as Pulled['body']
  return {
    status: response.status,
    source: response.headers.get('x-pullgate-source') ?? 'none',
    reason: response.headers.get('x-pullgate-reason'),
    ms: performance.now() - began,
    body,
  }
}

export const feeOf = ({ body }: Pulled, component: string): number | null =>
  body.data?.fee_components.find((item) => item.component_type === component)?.fee_amount ?? null
