/** How much of everything: a look at a change (two minutes in all), the usual run, the record. */
export const sizes = {
  quick: {
    students: 5_000,
    events: 40_000,
    rounds: 2,
    sliceMs: 700,
    applyRounds: 1,
    pulls: 60,
    starts: 1,
    background: 1_000,
    idleMs: 3_000,
    day: { students: 5_000, perSecond: 200, stretchMs: 2_000, raised: 2_500, compared: 100 },
    scale: { students: 1_000, modes: ['bounded'], rounds: 1, sliceMs: 500 },
    rebuild: { empty: { students: 5_000, events: 20_000 }, beside: null },
  },
  usual: {
    students: 100_000,
    events: 200_000,
    rounds: 6,
    sliceMs: 2_000,
    applyRounds: 2,
    pulls: 400,
    starts: 3,
    background: 2_000,
    idleMs: 20_000,
    day: { students: 300_000, perSecond: 400, stretchMs: 10_000, raised: 150_000, compared: 1_000 },
    scale: { students: 30_000, modes: ['bounded', 'strict'], rounds: 3, sliceMs: 3_000 },
    rebuild: {
      empty: { students: 200_000, events: 1_000_000 },
      beside: { students: 25_000, events: 250_000, runs: 3, pullsMs: 20_000 },
    },
  },
  full: {
    students: 1_000_000,
    events: 1_000_000,
    rounds: 12,
    sliceMs: 2_000,
    applyRounds: 2,
    pulls: 1_000,
    starts: 5,
    background: 5_000,
    idleMs: 20_000,
    day: { students: 1_000_000, perSecond: 400, stretchMs: 20_000, raised: 500_000, compared: 1_000 },
    scale: { students: 100_000, modes: ['bounded', 'strict'], rounds: 8, sliceMs: 4_000 },
    rebuild: {
      empty: { students: 1_000_000, events: 10_000_000 },
      beside: { students: 100_000, events: 500_000, runs: 3, pullsMs: 20_000 },
    },
  },
} as const

export type Size = (typeof sizes)[keyof typeof sizes]
