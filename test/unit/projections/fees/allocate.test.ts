import { describe, expect, test } from 'vitest'
import { allocated, assessed, changed, enrolled, granted, paid, removed, scheduled } from '../../../golden/said.ts'
import { feesOf, planOf, tell, tellAs } from '../../../support/tell.ts'

const TWO = [
  enrolled(),
  assessed([
    ['A', 100],
    ['B', 50],
  ]),
]
const PLAN = scheduled(
  [
    '2026-08-01',
    'late',
    [
      ['B', 30],
      ['A', 60],
    ],
  ],
  [
    '2026-07-01',
    'early',
    [
      ['A', 40],
      ['B', 20],
    ],
  ],
)
const SCHEDULED = [...TWO, PLAN]

describe('which payments count', () => {
  const entries = [...TWO, paid('i', 10), paid('j', 20, { collected_by: 'jodo' })]
  test.each([
    ['payable', { A: 100, B: 50 }],
    ['net_of_direct', { A: 90, B: 50 }],
    ['outstanding', { A: 70, B: 50 }],
  ] as const)('under %s', (balance_basis, expected) => {
    expect(feesOf(tellAs({ balance_basis }, ...entries))).toEqual(expected)
  })
})

describe('discounts', () => {
  test('of a component add up, each percentage of the gross and rounded half up by itself', () => {
    const told = tell(
      enrolled(),
      assessed([['A', '100.01']]),
      granted('x', 'A', { percent: 12.5 }),
      granted('y', 'A', { percent: 12.5 }),
    )
    expect(feesOf(told)).toEqual({ A: 75.01 })
  })

  test('are never more than the gross', () => {
    expect(feesOf(tell(...TWO, granted('x', 'B', { amount: 40 }), granted('y', 'B', { percent: 50 })))).toEqual({
      A: 100,
      B: 0,
    })
  })

  test('follow the gross as it changes', () => {
    expect(feesOf(tell(...TWO, granted('x', 'A', { percent: 10 }), changed('A', 200)))).toEqual({ A: 180, B: 50 })
  })
})

describe('without a schedule', () => {
  test('an allocation pays its component, at most what is left; the rest pays in order', () => {
    expect(feesOf(tell(...TWO, paid('p', 70, allocated(['B', 60]))))).toEqual({ A: 80, B: 0 })
  })

  test('allocations come before all rests, whoever paid first', () => {
    expect(feesOf(tell(...TWO, paid('p', 100), paid('q', 50, allocated(['A', 50]))))).toEqual({ A: 0, B: 0 })
  })

  test('an allocation to a component that is not there joins the rest', () => {
    expect(feesOf(tell(...TWO, paid('p', 10, allocated(['Z', 10]))))).toEqual({ A: 90, B: 50 })
  })

  test('a reference means nothing', () => {
    expect(feesOf(tell(...TWO, paid('p', 10, allocated(['B', 10, 'late']))))).toEqual({ A: 100, B: 40 })
  })

  test('what is too much is credit: not shown, not negative, and it pays as soon as something is due', () => {
    const entries = [...TWO, paid('p', 500)]
    expect(feesOf(tell(...entries))).toEqual({ A: 0, B: 0 })
    expect(feesOf(tell(...entries, changed('C', 400)))).toEqual({ A: 0, B: 0, C: 50 })
  })
})

describe('with a schedule', () => {
  test('rests pay entries by due date, then their details in order, and the answer keeps the ERP’s order', () => {
    const told = tell(...SCHEDULED, paid('p', 70))
    expect(planOf(told)).toEqual([
      ['2026-08-01', ['B', 20], ['A', 60]],
      ['2026-07-01', ['A', 0], ['B', 0]],
    ])
    expect(feesOf(told)).toEqual({ A: 60, B: 20 })
  })

  test('entries of one day are paid by position', () => {
    const sameDay = scheduled(
      ['2026-07-01', 'x', [['A', 60]]],
      [
        '2026-07-01',
        'y',
        [
          ['A', 40],
          ['B', 50],
        ],
      ],
    )
    expect(planOf(tell(...TWO, sameDay, paid('p', 70)))).toEqual([
      ['2026-07-01', ['A', 0]],
      ['2026-07-01', ['A', 30], ['B', 50]],
    ])
  })

  test('an allocation pays the instalment that its reference names, if that holds the component', () => {
    expect(planOf(tell(...SCHEDULED, paid('p', 25, allocated(['A', 25, 'late']))))).toEqual([
      ['2026-08-01', ['B', 30], ['A', 35]],
      ['2026-07-01', ['A', 40], ['B', 20]],
    ])
  })

  test('at most what is left on both; the rest goes to the oldest', () => {
    expect(planOf(tell(...SCHEDULED, paid('p', 70, allocated(['A', 70, 'late']))))).toEqual([
      ['2026-08-01', ['B', 30], ['A', 0]],
      ['2026-07-01', ['A', 30], ['B', 20]],
    ])
  })

  test.each([[['B', 30]], [['B', 30, 'unknown']]] as const)(
    'without a usable reference %j pays the component’s details oldest first',
    (part) => {
      expect(planOf(tell(...SCHEDULED, paid('p', 30, allocated(part))))).toEqual([
        ['2026-08-01', ['B', 20], ['A', 60]],
        ['2026-07-01', ['A', 40], ['B', 0]],
      ])
    },
  )

  test('a reference to an instalment that does not hold the component is not usable', () => {
    const split = scheduled(['2026-07-01', 'a', [['A', 100]]], ['2026-08-01', 'b', [['B', 50]]])
    expect(planOf(tell(...TWO, split, paid('p', 30, allocated(['B', 30, 'a']))))).toEqual([
      ['2026-07-01', ['A', 100]],
      ['2026-08-01', ['B', 20]],
    ])
  })

  test('the order in which payments were first recorded decides, and an upsert keeps its place', () => {
    const entries = [
      ...SCHEDULED,
      paid('p', 60, allocated(['A', 60, 'late'])),
      paid('q', 60, allocated(['A', 60, 'late'])),
    ]
    const told = tell(...entries, paid('p', 50, allocated(['A', 50, 'late'])))
    expect(planOf(told)).toEqual([
      ['2026-08-01', ['B', 30], ['A', 0]],
      ['2026-07-01', ['A', 0], ['B', 10]],
    ])
  })

  test('credit is left when all is paid', () => {
    expect(feesOf(tell(...SCHEDULED, paid('p', 1000)))).toEqual({ A: 0, B: 0 })
  })
})

describe('coherence', () => {
  test('asks that the schedule of every component sums to its net, to the paisa', () => {
    expect(feesOf(tell(...SCHEDULED, changed('A', '100.01')))).toBe('incoherent')
    expect(feesOf(tell(...SCHEDULED, granted('d', 'A', { amount: 1 })))).toBe('incoherent')
    expect(feesOf(tell(...SCHEDULED, changed('C', 1)))).toBe('incoherent')
    expect(feesOf(tell(...SCHEDULED, removed('B')))).toBe('incoherent')
  })

  test('lets a component of nothing be in one of the two alone', () => {
    expect(feesOf(tell(...SCHEDULED, changed('C', 0)))).toEqual({ A: 100, B: 50, C: 0 })
    expect(
      feesOf(
        tell(
          enrolled(),
          assessed([['A', 5]]),
          scheduled([
            '2026-07-01',
            'r',
            [
              ['A', 5],
              ['Z', 0],
            ],
          ]),
        ),
      ),
    ).toEqual({ A: 5 })
  })

  test('is asked before payments', () => {
    expect(feesOf(tell(...SCHEDULED, paid('p', 1000)))).toEqual({ A: 0, B: 0 })
  })

  test('comes back when the other of two events comes', () => {
    const told = tell(
      ...SCHEDULED,
      changed('B', 60),
      scheduled([
        '2026-07-01',
        'r',
        [
          ['A', 100],
          ['B', 60],
        ],
      ]),
    )
    expect(feesOf(told)).toEqual({ A: 100, B: 60 })
  })

  test('is not asked where fees were never assessed: that is incoherent by itself', () => {
    expect(feesOf(tell(enrolled(), scheduled(['2026-07-01', 'r', [['A', 0]]])))).toBe('incoherent')
    expect(feesOf(tell(enrolled(), assessed([])))).toEqual({})
  })
})

test('sums of many greatest amounts stay exact', () => {
  const components = Array.from({ length: 50 }, (_, index): [string, string] => [`C${index}`, '9999999999.99'])
  const told = tell(
    enrolled(),
    assessed(components),
    ...components.map((_, index) => paid(`p${index}`, '9999999999.99')),
    paid('q', '0.01'),
  )
  expect(Object.values(feesOf(told) as object).every((amount) => amount === 0)).toBe(true)
})
