import { type Mutation, tests } from './mutation.ts'

const LOGINS = tests('test/hostile/neighbours-login.test.ts')
const LOGIN_QUEUE = tests('test/unit/src/http/login-queue.test.ts')
const USED_CONNECTIONS = tests('test/hostile/erp-used-connections.test.ts')
const ERP_NEIGHBOURS = tests('test/hostile/erp-neighbours.test.ts')
const EMBEDDED_LOCK = tests('test/fault/embedded-lock.test.ts')
const UPLOADS = tests('test/hostile/upload-places.test.ts')

/** The guards of the ports and of the ERPs' edge. */
export const EDGE_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'a body gives its room back when its request ends without an event of its own',
    file: 'src/ingest/handler.ts',
    search: '    delivery.end()\n',
    replace: '',
    catcher: UPLOADS,
  },
  {
    guard: 'a body gives its room back when its connection breaks',
    file: 'src/ingest/delivery.ts',
    search: "  exchange.response.once('close', end)\n",
    replace: '',
    catcher: UPLOADS,
  },
  {
    guard: 'a delivery gives back the bytes that it holds',
    file: 'src/ingest/delivery.ts',
    search: 'close: () => held?.close(),',
    replace: 'close: () => {},',
    catcher: UPLOADS,
  },
  {
    guard: 'a body is charged for what came, in the room of its whole chunks',
    file: 'src/ingest/read-body.ts',
    search: 'if (!holding.take(capacity - buffer.length)) return NO_ROOM',
    replace: '',
    catcher: UPLOADS,
  },
  {
    guard: 'one holder takes only its share of the room for bodies',
    file: 'src/ingest/byte-budget.ts',
    search: ' || (held.get(holder) ?? 0) + bytes > mostEach',
    replace: '',
    catcher: tests('test/unit/src/ingest/byte-budget.test.ts'),
  },
  {
    guard: 'a signature covers no headers',
    file: 'src/ingest/media-type.ts',
    search: '!taken.includes(BINARY) || ',
    replace: '',
    catcher: tests('test/hostile/signed-events.test.ts'),
  },
  {
    guard: 'right credentials among guesses have their turn soon',
    file: 'src/http/login-queue.ts',
    search: 'compare(charged, first.charged) <= 0',
    replace: 'compare(charged, first.charged) > 0',
    catcher: LOGIN_QUEUE,
  },
  {
    guard: 'guesses over the rate leave the core alone between them',
    file: 'src/http/login-queue.ts',
    search: 'if (chosen.charged.isOver && nowMs < restUntilMs) {',
    replace: 'if (false) {',
    catcher: LOGIN_QUEUE,
  },
  {
    guard: 'the queue of log-ins is bounded',
    file: 'src/http/login-queue.ts',
    search: 'waiting.size > maxWaiting',
    replace: 'waiting.size > 1e9',
    catcher: LOGIN_QUEUE,
  },
  {
    guard: 'every log-in takes the same verifications, whoever it names',
    file: 'src/http/clients.ts',
    search: 'while (prices.filter((price) => isSamePrice(price, parsed)).length < ofClient) prices.push(parsed)',
    replace: 'if (prices.length < ofClient) prices.push(parsed)',
    catcher: tests('test/unit/src/http/clients.test.ts'),
  },
  {
    guard: 'a name that does not exist is charged like one that does',
    file: 'src/http/auth.ts',
    search: 'names.failed(name, nowMs())',
    replace: 'client === undefined ? 0 : names.failed(name, nowMs())',
    catcher: LOGINS,
  },
  {
    guard: 'the address in a header is believed of trusted proxies alone',
    file: 'src/http/trusted-proxies.ts',
    search: 'return family !== 0 && list.length > 0 && blocks',
    replace: 'return family !== 0 || blocks',
    catcher: LOGINS,
  },
  {
    guard: 'a signature is checked before its address is charged',
    file: 'src/ingest/sender.ts',
    search: '    const client = await signerOf(signed, body.bytes, tables())\n',
    replace:
      "    if (failures.charged(address, performance.now()) > 49) return refuse('rate_limited')\n    const client = await signerOf(signed, body.bytes, tables())\n",
    catcher: LOGINS,
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
  {
    guard: 'an applied event of its student voids what was last known',
    file: 'src/pull/last-known-good.ts',
    search: 'if (mark !== null) return !isSameLast(entry.mark, mark)',
    replace: 'if (mark !== null) return false',
    catcher: tests('test/unit/src/pull/last-known-good.test.ts'),
  },
  {
    guard: 'what was last known is void where its partition moved on unseen',
    file: 'src/pull/last-known-good.ts',
    search: 'return entry.mark.next < (seenNext.get(entry.mark.partition) ?? 0)',
    replace: 'return false',
    catcher: tests('test/unit/src/pull/last-known-good.test.ts'),
  },
  {
    guard: 'the embedded file is its owner’s alone',
    file: 'src/sqlite/owner-only.ts',
    search: 'chmodSync(file, OWNER_ONLY)',
    replace: 'void file',
    catcher: EMBEDDED_LOCK,
  },
  {
    guard: 'a removed lock file lets no second process in',
    file: 'src/sqlite/lock.ts',
    search: '    waitSync(OWNER_MS)\n',
    replace: '',
    catcher: EMBEDDED_LOCK,
  },
  {
    guard: 'a list of wrong elements is read no further than its hundredth problem',
    file: 'projections/events/list.ts',
    search: 'for (let index = 0; index < input.length && found.length < MAX_PROBLEMS; index += 1)',
    replace: 'for (let index = 0; index < input.length; index += 1)',
    catcher: tests('test/unit/projections/events/list.test.ts'),
  },
  {
    guard: 'a list of a wrong length is not read',
    file: 'projections/events/list.ts',
    search: 'if (wrongLength !== null) tell(wrongLength, [])\n    else {',
    replace: 'if (wrongLength !== null) tell(wrongLength, [])\n    {',
    catcher: tests('test/unit/projections/events/list.test.ts'),
  },
  {
    guard: 'a snapshot does not replace its own source',
    file: 'consumers/events/read-data.ts',
    search: "  if (index < 0) return { kind: 'fact', fact }",
    replace: "  if (index < 20) return { kind: 'fact', fact }",
    catcher: tests('test/unit/consumers/events/bounded.test.ts'),
  },
]
