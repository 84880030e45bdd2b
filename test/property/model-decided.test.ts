import { agree } from '../support/agree.ts'
import { decided } from '../support/compare-world.ts'

agree('the product and the independent model say the same after an operator’s decisions', decided, {
  histories: 6_000,
  kept: [1, 30, 96, 814, 1276, 2940, 3458, 3773, 105083],
})
