import { agree } from '../support/agree.ts'
import { decided } from '../support/compare-world.ts'

agree('the product and the independent model say the same after an operator’s decisions', decided, {
  histories: 6_000,
  kept: [1, 30, 96, 814, 1276, 2940, 3773, 105083],
  // An operator lets go of a range in which one number is a dead letter's and another one's event is held.
  unsettled: [3458],
})
