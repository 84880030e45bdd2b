import {
  ABSENT,
  type Corpus,
  corpusOf,
  envelope,
  type HostileInput,
  named,
  place,
  toJson,
  verbatim,
} from './hostile-input.ts'

const FEE = 'erp.fee.changed.v1'
const DATA = { component_type: 'BUS', amount: 1 }
const WRONG: readonly unknown[] = [ABSENT, null, '', 0, 1, true, false, [], ['1.0'], {}, { toString: 1 }]

/** Envelopes with something wrong, or just strange, in all three shapes. */
export const hostileEnvelopes = (): readonly HostileInput[] => {
  const corpus = corpusOf('he')
  attributes(corpus)
  times(corpus)
  sequences(corpus)
  types(corpus)
  binaries(corpus)
  return corpus.inputs
}

const attributes = ({ event }: Corpus): void => {
  for (const name of ['specversion', 'id', 'source', 'type', 'time']) {
    for (const value of WRONG) event('poison', `${name} ${named(value)}`, FEE, DATA, { [name]: value })
  }
  for (const version of ['1', '1.0.0', '1.1', '0.3', ' 1.0', '2.0', verbatim('1.0')]) {
    event('poison', `specversion ${named(version)}`, FEE, DATA, { specversion: version })
  }
  for (const name of ['id', 'source']) {
    event('poison', `${name} of 257 characters`, FEE, DATA, { [name]: 'x'.repeat(257) })
    event('applied', `${name} of 256 characters outside the plane`, FEE, DATA, { [name]: '🐉'.repeat(256) })
    event('poison', `${name} with a lone surrogate`, FEE, DATA, { [name]: verbatim('"a\\ud800"') })
    event('applied', `${name} __proto__`, FEE, DATA, { [name]: '__proto__' })
  }
  for (const data of [ABSENT, null, 'text', 1, true, [], [[]]])
    event('poison', `data ${named(data)}`, FEE, {}, { data })
  for (const student of [ABSENT, null, 'H', 1, [], {}])
    event('poison', `student ${named(student)}`, FEE, { ...DATA, student })
  event('applied', 'unknown attributes', FEE, DATA, {
    partitionkey: {},
    dataschema: 1,
    traceparent: 'x',
    comexample: [],
  })
  event('poison', 'data in base 64', FEE, DATA, { data: ABSENT, data_base64: 'e30=' })
}

const times = ({ event }: Corpus): void => {
  const bad = [
    '2026-06-01',
    '2026-06-01T10:00:00',
    '2026-06-01 10:00:00Z',
    '2026-06-01T10:00Z',
    '2026-06-01T24:00:00Z',
    '2026-06-01T10:60:00Z',
    '2026-06-01T10:00:61Z',
    '2026-06-01T10:00:60Z',
    '2026-02-29T10:00:00Z',
    '2026-04-31T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-06-00T10:00:00Z',
    '2026-06-01T10:00:00.Z',
    '2026-06-01T10:00:00+24:00',
    '2026-06-01T10:00:00+05:60',
    '2026-06-01T10:00:00+0530',
    '2026-06-01T10:00:00+05',
    '2026-06-01T10:00:00 Z',
    ' 2026-06-01T10:00:00Z',
    '2026-06-01T10:00:00Z\n',
    '26-06-01T10:00:00Z',
    '+02026-06-01T10:00:00Z',
    '-2026-06-01T10:00:00Z',
    '1780000000',
    '２０２６-06-01T10:00:00Z',
    '2026-06-01T10:00:00,5Z',
    '2026-6-1T10:00:00Z',
    'Mon, 01 Jun 2026 10:00:00 GMT',
    '2026-W23-1T10:00:00Z',
  ]
  for (const time of bad) event('poison', `time ${JSON.stringify(time)}`, FEE, DATA, { time })
  const good = [
    '2026-06-01t10:00:00z',
    '2026-06-01T10:00:00-00:00',
    '2026-06-01T10:00:00+23:59',
    '2024-02-29T10:00:00Z',
    `2026-06-01T10:00:00.${'1'.repeat(200)}Z`,
    '2026-06-01T10:00:00.000000000Z',
    '9999-12-31T23:59:59Z',
  ]
  for (const time of good) event('applied', `time ${JSON.stringify(time)}`, FEE, DATA, { time })
  event('any', 'a leap second', FEE, DATA, { time: '2016-12-31T23:59:60Z' })
  event('any', 'the year 0', FEE, DATA, { time: '0000-01-01T00:00:00Z' })
}

const sequences = ({ event }: Corpus): void => {
  const bad = [
    '',
    '0',
    '00',
    '-1',
    '+1',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '0x1',
    'abc',
    '१',
    '9223372036854775808',
    '9'.repeat(500),
    0,
    -1,
    1.5,
    verbatim('9007199254740992'),
    verbatim('1e400'),
    verbatim('-0'),
    true,
    [],
    {},
    ['1'],
  ]
  for (const sequence of bad) event('poison', `sequence ${named(sequence).slice(0, 40)}`, FEE, DATA, { sequence })
  for (const sequence of [1, '1', '0001', '0'.repeat(500).concat('1'), verbatim('1.0'), verbatim('10e-1'), null]) {
    event('applied', `sequence ${named(sequence).slice(0, 40)}`, FEE, DATA, { sequence })
  }
  for (const sequence of [2, '9223372036854775807', 9007199254740991]) {
    event('held', `sequence ${named(sequence)}`, FEE, DATA, { sequence })
  }
}

const types = ({ event }: Corpus): void => {
  const unknown = [
    'erp.',
    'erp.x',
    'erp.fee.changed',
    'erp.fee.changed.v2',
    'erp.fee.changed.v1 ',
    'erp.Fee.Changed.v1',
    'erp.__proto__',
    'erp.student.enrolled.v10',
  ]
  for (const type of unknown) event('poison', `type ${JSON.stringify(type)}`, type, DATA)
  const foreign = [
    'x',
    'erp',
    'erpx.fee',
    'com.erp.fee',
    '__proto__',
    'toString',
    '"erp.fee.changed.v1',
    'x'.repeat(256),
  ]
  const alike = [
    'ERP.fee.changed.v1',
    ' erp.fee.changed.v1',
    '"erp.fee.changed.v1"',
    "' Pullgate.x '",
    'x'.repeat(5000),
  ]
  for (const type of alike) event('poison', `type ${JSON.stringify(type.slice(0, 30))}`, type, DATA)
  for (const type of foreign) event('ignored', `type ${JSON.stringify(type.slice(0, 30))}`, type, DATA)
  event('ignored', 'a foreign type without data', 'com.example.x', {}, { data: ABSENT })
  event('any', 'an unknown type of the gateway itself', 'pullgate.student.unknown.v1', DATA)
  event('any', 'a decision by a stranger', 'pullgate.student.resolved.v1', { decision: 'discard' })
}

const header = (name: string, value: string | Buffer) => [name, Buffer.from(value as string)] as const

const binaries = ({ add, inputs }: Corpus): void => {
  const all = { specversion: '1.0', id: 'i', source: '/erp/hostile', type: FEE, time: '2026-06-01T10:00:00Z' }
  const headersOf = (attributes: object) =>
    Object.entries(attributes).map(([name, value]) => header(`ce_${name}`, value as string))
  const value = () => Buffer.from(toJson({ student: place(`he-${inputs.length}`), ...DATA }))
  add({ name: 'binary', headers: headersOf(all), value: value(), expect: 'applied' })
  for (const name of Object.keys(all)) {
    const rest = Object.entries(all).filter(([other]) => other !== name)
    add({
      name: `binary without ${name}`,
      headers: headersOf(Object.fromEntries(rest)),
      value: value(),
      expect: 'poison',
    })
    const broken = [...headersOf(Object.fromEntries(rest)), header(`ce_${name}`, Buffer.from([0xff]))]
    add({ name: `binary with a ${name} that is no UTF-8`, headers: broken, value: value(), expect: 'poison' })
    const empty = headersOf({ ...all, [name]: '' })
    add({ name: `binary with an empty ${name}`, headers: empty, value: value(), expect: 'poison' })
  }
  const odd = [...headersOf(all), header('ce_extra', Buffer.from([0xff]))]
  add({ name: 'binary with an unknown attribute of any bytes', headers: odd, value: value(), expect: 'applied' })
  for (const text of ['', '[]', 'null', '{', '1']) {
    add({ name: `binary with the data ${text}`, headers: headersOf(all), value: Buffer.from(text), expect: 'poison' })
  }
  add({
    name: 'binary with a whole envelope as data',
    headers: headersOf(all),
    value: Buffer.from(toJson(envelope(`he-${inputs.length}`, FEE, DATA))),
    expect: 'poison',
  })
  add({ name: 'binary without a value', headers: headersOf(all), value: null, expect: 'ignored' })
  add({ name: 'a tombstone', headers: [], value: null, expect: 'ignored' })
  const structured = [header('content-type', 'application/cloudevents+json'), ...headersOf({ ...all, type: 'x.y' })]
  const whole = () => Buffer.from(toJson(envelope(`he-${inputs.length}`, FEE, DATA)))
  add({ name: 'structured with binary headers beside', headers: structured, value: whole(), expect: 'applied' })
  const avro = [header('content-type', 'application/avro'), ...headersOf(all)]
  add({ name: 'binary Avro', headers: avro, value: Buffer.from([2, 4, 6]), expect: 'poison' })
  const batch = [header('content-type', 'application/cloudevents-batch+json')]
  add({ name: 'a batch', headers: batch, value: Buffer.from(`[${whole()}]`), expect: 'poison' })
}
