import { type Mutation, tests } from './mutation.ts'

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
]
