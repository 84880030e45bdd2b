import { type Mutation, tests } from './mutation.ts'

const USED_CONNECTIONS = tests('test/hostile/erp-used-connections.test.ts')
const ERP_NEIGHBOURS = tests('test/hostile/erp-neighbours.test.ts')
const PROBES = tests('test/integration/erp-probes.test.ts')

/** The guards of the calls to ERPs. */
export const ERP_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'a probe takes a place of the ERP',
    file: 'src/erp/bulkhead.ts',
    search: 'if (waiting.size > 0 || inside >= Math.floor(limit)) return null',
    replace: '',
    catcher: PROBES,
  },
  {
    guard: 'a probe closes no breaker of an active client',
    file: 'src/erp/client-breakers.ts',
    search: 'isIdle(seen) && seen',
    replace: 'seen',
    catcher: PROBES,
  },
  {
    guard: 'probes end when they are stopped',
    file: 'src/erp/probing.ts',
    search: 'clearInterval(timer)',
    replace: '',
    catcher: PROBES,
  },
  {
    guard: 'a cancelling 422 of a used connection is confirmed on a fresh one',
    file: 'src/erp/erp-caller.ts',
    search: "result.kind === 'response' && result.isOnUsed && isCancelling(lookup, result)",
    replace: 'false',
    catcher: USED_CONNECTIONS,
  },
  {
    guard: 'what cannot be compared with its lookup comes over a fresh connection',
    file: 'src/erp/erp-caller.ts',
    search: 'once(lookup, lookup.identifier === undefined, until)',
    replace: 'once(lookup, false, until)',
    catcher: USED_CONNECTIONS,
  },
  {
    guard: 'a reset of a used connection is no failure of the ERP',
    file: 'src/erp/erp-caller.ts',
    search: "first.result.kind === 'connection' && first.result.isStale",
    replace: 'false',
    catcher: USED_CONNECTIONS,
  },
  {
    guard: 'a 4xx about what was asked opens no breaker',
    file: 'src/erp/attempt.ts',
    search: 'sound: isAboutTheRequest(status)',
    replace: 'sound: false',
    catcher: ERP_NEIGHBOURS,
  },
  {
    guard: 'one client’s failures open no breaker for the others',
    file: 'src/erp/client-breakers.ts',
    search: 'Math.min(failures, volume / 2, all - failures)',
    replace: 'failures',
    catcher: tests('test/unit/src/erp/client-breakers.test.ts'),
  },
  {
    guard: 'one client leaves places at an ERP to the others',
    file: 'src/erp/bulkhead.ts',
    search: ' && countOf(client) < share',
    replace: '',
    catcher: ERP_NEIGHBOURS,
  },
]
