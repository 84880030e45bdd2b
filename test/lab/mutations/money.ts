import { type Mutation, tests } from './mutation.ts'

const STORIES = tests('test/unit/projections/money-stories.test.ts')

/** Guards of amounts: what is placed, what counts on which day, and what must not be half done. */
export const MONEY_MUTATIONS: readonly Mutation[] = [
  {
    guard: 'all payments are placed, also those that do not count',
    file: 'projections/fees/allocate.ts',
    search: 'payments.filter((payment) => isPlaced(payment, policy))',
    replace: 'payments.filter((payment) => isPlaced(payment, policy) && counts(payment, policy))',
    catcher: STORIES,
  },
  {
    guard: 'an answer that a charge has overtaken is made anew',
    file: 'projections/answers/view.ts',
    search: 'return nowMs >= valid.fromMs && nowMs < valid.untilMs ? now : unrendered(now)',
    replace: 'return now',
    catcher: STORIES,
  },
  {
    guard: 'an unsettled enrolment is not answered',
    file: 'projections/fees/balance.ts',
    search: "if (doubt) return incoherent('settled', UNSETTLED[doubt])",
    replace: "if (doubt && enrolment.fees === null) return incoherent('settled', UNSETTLED[doubt])",
    catcher: STORIES,
  },
  {
    guard: 'several changes are all or none',
    file: 'projections/fees/enrolment.ts',
    search: "if (effect.kind === 'orphan' || effect.kind === 'poison') return effect",
    replace: "if (effect.kind === 'orphan' || effect.kind === 'poison') continue",
    catcher: tests('test/unit/projections/fees/changes-as-one.test.ts'),
  },
  {
    guard: 'an event about a former year opens the archive',
    file: 'consumers/projector/needs-archive.ts',
    search: 'return !enrolmentsOf(fact).every((key) => live.enrolments.some((known) => sameKey(known.key, key)))',
    replace: 'return enrolmentsOf(fact).length > 64 && live.enrolments.some(({ key }) => sameKey(key, key))',
    catcher: tests('test/unit/consumers/projector/former-years.test.ts'),
  },
]
