import { type Mutation, SIMULATION, tests } from './mutation.ts'

const TOPIC_VIEW = 'src/kafka/topic-view.ts'

/** What a proof by several brokers rests on. */
export const BROKER_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'a leader is not believed alone where there are other brokers',
    file: TOPIC_VIEW,
    search: '      if (!hasOthers) return true\n',
    replace: '      if (hasOthers || !hasOthers) return true\n',
    catcher: SIMULATION,
  },
  {
    guard: 'what another broker has said of a leader has an age',
    file: TOPIC_VIEW,
    search: ' || askedMs < sinceMs',
    replace: '',
    catcher: SIMULATION,
  },
  {
    guard: 'a lower epoch than the highest known proves nothing',
    file: TOPIC_VIEW,
    search: '      if ((highest.get(claim.partition)?.epoch ?? -1) > claim.epoch) return false\n',
    replace: '',
    catcher: tests('test/unit/src/kafka/topic-view.test.ts'),
  },
  {
    guard: 'a lost write of the log’s identity is noticed',
    file: 'consumers/projector/prove-partitions.ts',
    search: ' && decodeMetadata(stored.metadata).identity === at.metadata.identity',
    replace: '',
    catcher: tests('test/unit/consumers/projector/lease-renewal.test.ts'),
  },
]
