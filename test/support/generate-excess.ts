import { type Erp, type Publisher, say, sayOf } from './generate-erp.ts'

type Excess = (erp: Erp, publisher: Publisher) => void

/** More broken events than are known one by one. */
const manyLetters: Excess = (erp, publisher) => {
  const [held] = erp.held
  if (held === undefined) return
  for (let times = 250 + erp.random.below(20); times > 0; times -= 1) {
    sayOf(erp, publisher, held, 'erp.fee.changed.v1', { component_type: 'BUS', amount: `x${times}` })
  }
}

/** More publishers than a student has room for. */
const manySources: Excess = (erp) => {
  const [held] = erp.held
  if (held === undefined) return
  for (let index = 60 + erp.random.below(8); index > 0; index -= 1) {
    const publisher = { source: `/s/${index}`, numbered: erp.random.chance(0.3), next: 1 }
    sayOf(erp, publisher, held, 'erp.fee.changed.v1', { component_type: 'BUS', amount: index })
    if (erp.random.chance(0.1)) sayOf(erp, publisher, held, 'erp.fee.removed.v1', { component_type: 'BUS' })
  }
}

/** So many that the first ids are forgotten, and then the first again. */
const longAgo: Excess = (erp, publisher) => {
  const [held] = erp.held
  if (held === undefined) return
  for (let times = 250 + erp.random.below(20); times > 0; times -= 1) {
    sayOf(erp, publisher, held, 'erp.fee.changed.v1', { component_type: 'BUS', amount: times })
  }
  erp.said.push(...erp.said.slice(0, 3))
  say(erp, publisher, 'com.example.book-lost', { student: { identifier: erp.student } })
}

export const EXCESSES: readonly Excess[] = [manyLetters, manySources, longAgo]
