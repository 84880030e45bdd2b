import { busExamples } from './bus-examples.ts'
import { certificateExamples } from './certificate-examples.ts'
import { chargeExamples } from './charge-examples.ts'
import { counterExamples } from './counter-examples.ts'
import type { Example } from './example.ts'
import { fineExamples } from './fine-examples.ts'
import { moveExamples } from './move-examples.ts'
import { promotionExamples } from './promotion-examples.ts'
import { publisherExamples } from './publisher-examples.ts'
import { togetherExamples } from './together-examples.ts'

/** What schools do with money, each computed by hand from its rule. */
export const schoolExamples: readonly Example[] = [
  ...chargeExamples,
  ...busExamples,
  ...fineExamples,
  ...counterExamples,
  ...togetherExamples,
  ...promotionExamples,
  ...moveExamples,
  ...certificateExamples,
  ...publisherExamples,
]
