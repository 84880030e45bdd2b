import { agree } from '../support/agree.ts'
import { generated } from '../support/compare-world.ts'

agree('the product and the independent model say the same of every student', generated, {
  histories: 14_000,
  kept: [12, 23, 40, 63, 69, 90, 3893, 115908],
})
