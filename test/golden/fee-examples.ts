import { type Example, example } from './example.ts'
import { assessed, changed, enrolled, granted, removed, revoked, updated } from './said.ts'

const PRIMARY =
  '"primary_contact_name":"Ravi Rao","primary_contact_number":"9800000001","primary_contact_email":"ravi@example.org"'

/** Profiles, fees and discounts. */
export const feeExamples: readonly Example[] = [
  example({
    name: 'the fee of a student without discounts or payments',
    rule: 'The answer is the gross; its fields and their order are fixed, and unknown optional ones are left out.',
    said: [enrolled(), assessed([['TUITION', 10000]])],
    expect: {
      status: 200,
      fees: [['TUITION', 10000]],
      body: `{"status":"success","data":{"student":{"fullname":"Asha Rao","identifier":"S-1","collector_code":"BLR-01","grade":"5","new_admission":false,"academic_year_start":"2026","academic_year_end":"2027",${PRIMARY}},"fee_components":[{"component_type":"TUITION","fee_amount":10000}]}}`,
    },
  }),
  example({
    name: 'every optional field of the profile',
    rule: 'Birth date after the years, the user last; the custom identifier is for looking up and is not answered.',
    said: [
      enrolled({
        date_of_birth: '2015-04-17',
        custom_identifier: 'X9',
        user: { name: 'Asha', phone: 9800000002 },
      }),
      assessed([]),
    ],
    expect: {
      status: 200,
      fees: [],
      body: `{"status":"success","data":{"student":{"fullname":"Asha Rao","identifier":"S-1","collector_code":"BLR-01","grade":"5","new_admission":false,"academic_year_start":"2026","academic_year_end":"2027","date_of_birth":"2015-04-17",${PRIMARY}},"fee_components":[],"user":{"name":"Asha","phone":"9800000002"}}}`,
    },
  }),
  example({
    name: 'a removed birth date',
    rule: 'A null in an update removes an optional field; what the update does not name stays.',
    said: [
      enrolled({ date_of_birth: '2015-04-17', fullname: 'A' }),
      assessed([]),
      updated({ date_of_birth: null, fullname: 'B' }),
    ],
    expect: {
      status: 200,
      fees: [],
      body: `{"status":"success","data":{"student":{"fullname":"B","identifier":"S-1","collector_code":"BLR-01","grade":"5","new_admission":false,"academic_year_start":"2026","academic_year_end":"2027",${PRIMARY}},"fee_components":[]}}`,
    },
  }),
  example({
    name: 'amounts as text and as numbers',
    rule: '"100.50" is 100.5, "007" is 7, 1.15 is 1.15 and 0.07 is 0.07: no paisa is lost, no needless zero is shown.',
    said: [
      enrolled(),
      assessed([
        ['A', '100.50'],
        ['B', '007'],
        ['C', 1.15],
        ['D', 0.07],
        ['E', '9999999999.99'],
      ]),
    ],
    expect: {
      status: 200,
      fees: [
        ['A', 100.5],
        ['B', 7],
        ['C', 1.15],
        ['D', 0.07],
        ['E', 9999999999.99],
      ],
    },
  }),
  example({
    name: 'an enrolment without an assessment',
    rule: 'Before any assessment nobody knows what is due: not zero, but no answer.',
    said: [enrolled()],
    expect: 'incoherent',
  }),
  example({
    name: 'an empty assessment',
    rule: 'An assessment with no components is one: the student owes nothing, and that is a success.',
    said: [enrolled(), assessed([])],
    expect: { status: 200, fees: [] },
  }),
  example({
    name: 'a second assessment',
    rule: 'An assessment replaces all components, in its own order.',
    said: [
      enrolled(),
      assessed([
        ['TUITION', 100],
        ['BUS', 50],
      ]),
      assessed([
        ['MEALS', 30],
        ['TUITION', 90],
      ]),
    ],
    expect: {
      status: 200,
      fees: [
        ['MEALS', 30],
        ['TUITION', 90],
      ],
    },
  }),
  example({
    name: 'a changed fee and a new one',
    rule: 'A change keeps the component in its place; a new component comes last.',
    said: [
      enrolled(),
      assessed([
        ['TUITION', 100],
        ['BUS', 50],
      ]),
      changed('TUITION', 120),
      changed('MEALS', 5),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 120],
        ['BUS', 50],
        ['MEALS', 5],
      ],
    },
  }),
  example({
    name: 'a single fee without an assessment',
    rule: 'A changed fee is an assessment too.',
    said: [enrolled(), changed('TUITION', 120)],
    expect: { status: 200, fees: [['TUITION', 120]] },
  }),
  example({
    name: 'a removed fee, and one that never was',
    rule: 'A removed component is no longer listed; removing what is unknown changes nothing.',
    said: [
      enrolled(),
      assessed([
        ['TUITION', 100],
        ['BUS', 50],
      ]),
      removed('BUS'),
      removed('MEALS'),
    ],
    expect: { status: 200, fees: [['TUITION', 100]] },
  }),
  example({
    name: 'a discount in rupees',
    rule: '1000 gross less 250.25 is 749.75.',
    said: [enrolled(), assessed([['TUITION', 1000]]), granted('d1', 'TUITION', { amount: '250.25' })],
    expect: { status: 200, fees: [['TUITION', 749.75]] },
  }),
  example({
    name: 'a percent that falls on half a paisa',
    rule: '50 % of 0.01 is half a paisa, rounded up to 0.01: nothing is left.',
    said: [enrolled(), assessed([['TUITION', 0.01]]), granted('d1', 'TUITION', { percent: 50 })],
    expect: { status: 200, fees: [['TUITION', 0]] },
  }),
  example({
    name: 'a percent with four decimals',
    rule: '33.3333 % of 100.00 is 33.3333, rounded to 33.33: 66.67 is left.',
    said: [enrolled(), assessed([['TUITION', 100]]), granted('d1', 'TUITION', { percent: '33.3333' })],
    expect: { status: 200, fees: [['TUITION', 66.67]] },
  }),
  example({
    name: 'two percents',
    rule: 'Each percent is of the gross and rounded by itself: 12.5 % of 0.20 is 0.025, up to 0.03, twice 0.06: 0.14.',
    said: [
      enrolled(),
      assessed([['TUITION', 0.2]]),
      granted('d1', 'TUITION', { percent: 12.5 }),
      granted('d2', 'TUITION', { percent: 12.5 }),
    ],
    expect: { status: 200, fees: [['TUITION', 0.14]] },
  }),
  example({
    name: 'discounts beyond the gross',
    rule: 'Discounts are never worth more than the gross: 100 less 80 less 80 is 0.',
    said: [
      enrolled(),
      assessed([['TUITION', 100]]),
      granted('d1', 'TUITION', { amount: 80 }),
      granted('d2', 'TUITION', { percent: 80 }),
    ],
    expect: { status: 200, fees: [['TUITION', 0]] },
  }),
  example({
    name: 'a discount granted anew',
    rule: 'The same discount id replaces: 1000 less 10 % of 1000, not less 200 too.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      granted('d1', 'TUITION', { amount: 200 }),
      granted('d1', 'TUITION', { percent: 10 }),
    ],
    expect: { status: 200, fees: [['TUITION', 900]] },
  }),
  example({
    name: 'a revoked discount, and one that never was',
    rule: 'A revoked discount is gone; revoking what is unknown changes nothing.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      granted('d1', 'TUITION', { amount: 200 }),
      revoked('d1'),
      revoked('d9'),
    ],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a discount that comes before its fee',
    rule: 'A discount on a missing component is worth nothing, and works once the component is there: 50 % of 300.',
    said: [enrolled(), assessed([]), granted('d1', 'BUS', { percent: 50 }), changed('BUS', 300)],
    expect: { status: 200, fees: [['BUS', 150]] },
  }),
  example({
    name: 'a fee raised under a percent',
    rule: 'A percent is taken of the gross as it is now: 10 % of 2000.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      granted('d1', 'TUITION', { percent: 10 }),
      changed('TUITION', 2000),
    ],
    expect: { status: 200, fees: [['TUITION', 1800]] },
  }),
]
