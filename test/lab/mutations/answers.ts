import { type Mutation, tests } from './mutation.ts'

/** Guards of the record of answers: no list looks complete that is not. */
export const ANSWERS_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'losses that leave no hole in the numbers are kept in the store',
    file: 'src/answers/recorder.ts',
    search: 'await recent.heartbeat(lossesOf(name), count, HEARTBEAT_TTL_MS)',
    replace: 'lossesOf(name)',
    catcher: tests('test/unit/src/answers/recorder.test.ts'),
  },
  {
    guard: 'a recorder that lost its last answers has not ended in good order',
    file: 'src/answers/recorder.ts',
    search: 'await (queue.size() === 0 ? recent.ended(name)',
    replace: 'await (queue.size() >= 0 ? recent.ended(name)',
    catcher: tests('test/unit/src/answers/recorder.test.ts'),
  },
  {
    guard: 'an answer under another key is told',
    file: 'src/answers/superseded.ts',
    search: 'mark.key !== ownKey',
    replace: 'mark.key === null',
    catcher: tests('test/unit/src/answers/completeness.test.ts'),
  },
  {
    guard: 'a log of events without its beginning is told',
    file: 'src/answers/superseded.ts',
    search: 'if (events.start > 0)',
    replace: 'if (events.start < 0)',
    catcher: tests('test/unit/src/answers/completeness.test.ts'),
  },
  {
    guard: 'answers that are no longer kept are told',
    file: 'src/answers/answer-log.ts',
    search: 'isCut: first > 0 && start === first',
    replace: 'isCut: first < 0 && start === first',
    catcher: tests('test/unit/src/answers/completeness.test.ts'),
  },
  {
    guard: 'an append that was repeated is one answer',
    file: 'src/answers/answer-log.ts',
    search: 'if (numbers.has(mark.number)) continue',
    replace: 'if (numbers.has(0)) continue',
    catcher: tests('test/property/answers-day.test.ts'),
  },
  {
    guard: 'the clock of a gateway is corrected by that of the brokers',
    file: 'src/answers/answer-log.ts',
    search: 'Date.parse(at) + skewMs(answer)',
    replace: 'Date.parse(at)',
    catcher: tests('test/property/answers-day.test.ts'),
  },
]
