/**
 * An example that a person can check with a pencil: what an ERP said, and what must be answered for student `S-1` of
 * branch `BLR-01`, grade `5`, year `2026` (or the enrolment in `of`) on the day `asOf`. Amounts are in rupees.
 */
export type Example = {
  readonly name: string
  readonly rule: string
  readonly policy: {
    readonly balance_basis: 'payable' | 'net_of_direct' | 'outstanding'
    readonly paid_instalments: 'omit' | 'zero'
    readonly pending_payments?: 'count' | 'ignore'
    readonly timezone: string
  }
  readonly events: readonly Envelope[]
  readonly asOf: string
  readonly of: { readonly collector_code: string | null; readonly grade: string; readonly academic_year_start: string }
  readonly expect: Expected
}

/** A CloudEvent in its bare shape. */
export type Envelope = {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string
  readonly sequence?: string | number
  readonly data: object
}

/** `suspect` and `incoherent`: the projection does not answer. `unknown`: it knows no such enrolment. */
export type Expected =
  | {
      readonly status: 200
      /** Every component in the order of the answer. */
      readonly fees: readonly (readonly [component: string, rupees: number])[]
      /** Every entry, with its details, in the order of the answer; absent = the answer has none. */
      readonly schedule?: readonly (readonly [dueDate: string, ...details: (readonly [string, number])[]])[]
      /** The exact bytes, where the example is about them. */
      readonly body?: string
    }
  | { readonly status: 422; readonly code: string; readonly message?: string }
  | 'incoherent'
  | 'suspect'
  | 'unknown'

/** An event without the attributes that examples rarely care about. */
export type Said = Partial<Omit<Envelope, 'type' | 'data'>> & Pick<Envelope, 'type' | 'data'>

type Draft = Pick<Example, 'name' | 'rule' | 'expect'> & {
  readonly said: readonly Said[]
  readonly basis?: Example['policy']['balance_basis']
  readonly paid?: Example['policy']['paid_instalments']
  readonly pending?: Example['policy']['pending_payments']
  readonly timezone?: string
  readonly asOf?: string
  readonly of?: Partial<Example['of']>
}

/** Events get ids e1, e2 …, one source, and times a minute apart from 1 June 2026, 09:00 in India. */
export const example = (draft: Draft): Example => ({
  name: draft.name,
  rule: draft.rule,
  policy: {
    balance_basis: draft.basis ?? 'net_of_direct',
    paid_instalments: draft.paid ?? 'omit',
    ...(draft.pending === undefined ? {} : { pending_payments: draft.pending }),
    timezone: draft.timezone ?? 'Asia/Kolkata',
  },
  events: draft.said.map((said, index) => ({
    specversion: '1.0',
    id: `e${index + 1}`,
    source: '/erp/main',
    time: `2026-06-01T09:${String(index).padStart(2, '0')}:00+05:30`,
    ...said,
  })),
  asOf: draft.asOf ?? '2026-06-15',
  of: { collector_code: 'BLR-01', grade: '5', academic_year_start: '2026', ...draft.of },
  expect: draft.expect,
})
