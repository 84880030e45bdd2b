import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import { type Publishers, publishers } from '../../src/pull/publishers.ts'
import { readProjection } from '../../src/pull/read-projection.ts'

import { answersOf, type Scripted, SIGNATURE } from './scripted-projection.ts'
import { RENDERING } from './tell.ts'

const ERP = { url: 'http://erp.example' } as never
export const BRANCH = { collector_code: 'BLR-01' }
export const WATCHED = { ...BRANCH, heartbeat: { source: '/erp/a', max_age_ms: 1_000 } }

type Options = {
  readonly mode?: 'strict' | 'bounded'
  readonly scope?: Scope
  readonly branches?: readonly object[]
  readonly erp?: boolean
  readonly known?: Publishers
}

/** Reads the scripted projection as a pull does. */
export const lookAt = async (script: Scripted, query: PullQuery, options: Options = {}) => {
  const { mode = 'strict', scope = 'all', branches = [], erp = true } = options
  const config = { branches, ...(erp && { erp: ERP }) } as never
  const proven = await readProjection(
    {
      config: () => config,
      reader: script.reader,
      partitionOf: script.partitionOf,
      publishers: options.known ?? publishers(script.reader),
      proof: { mode, waitMs: 50, signature: SIGNATURE, ends: script.endsLookup, isSound: () => true, onWait: () => {} },
      onFault: () => {},
      rendering: RENDERING,
      severalYears: 'latest',
      clock: () => 10_000,
    },
    query,
    scope,
    performance.now() + 10_000,
  )
  const match = proven?.read.match
  const body = match?.kind === 'one' ? String(match.phase.body) : match?.kind
  return proven && { body, freshness: proven.freshness, suspect: proven.read.suspect, covers: proven.covers }
}

export const withFee = (fee: number, custom: string | null = null) => ({
  partition: 0,
  answers: answersOf([
    { customIdentifier: custom, now: { status: 'active', leftAt: null, leftOrder: 0, body: `${fee}`, wants: null } },
  ]),
})
