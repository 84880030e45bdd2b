import { allocationExamples } from './allocation-examples.ts'
import { coherenceExamples } from './coherence-examples.ts'
import type { Example } from './example.ts'
import { feeExamples } from './fee-examples.ts'
import { instalmentExamples } from './instalment-examples.ts'
import { leavingExamples } from './leaving-examples.ts'
import { orderExamples } from './order-examples.ts'
import { paymentExamples } from './payment-examples.ts'
import { schoolExamples } from './school-examples.ts'
import { transferExamples } from './transfer-examples.ts'

/** All examples, each computed by hand from its rule. */
export const examples: readonly Example[] = [
  ...feeExamples,
  ...paymentExamples,
  ...instalmentExamples,
  ...allocationExamples,
  ...coherenceExamples,
  ...leavingExamples,
  ...transferExamples,
  ...orderExamples,
  ...schoolExamples,
]
