import { gzipSync } from 'node:zlib'
import {
  type Corpus,
  corpusOf,
  envelope,
  type HostileInput,
  place,
  profile,
  toJson,
  verbatim,
} from './hostile-input.ts'

const FEE = 'erp.fee.changed.v1'
const MIB = 1_048_576

const fee = (student: string): string => toJson(envelope(student, FEE, { component_type: 'BUS', amount: 1 }))

/** Values that are no JSON, strange JSON, or too much of it. */
export const hostileBytes = (): readonly HostileInput[] => {
  const corpus = corpusOf('hb')
  const whole = fee('hb-x')
  for (let cut = 1; cut < whole.length; cut += 11) corpus.raw('poison', `truncated at ${cut}`, whole.slice(0, cut))
  notJson(corpus)
  frames(corpus)
  strangeJson(corpus)
  sizes(corpus)
  return corpus.inputs
}

const notJson = ({ raw }: Corpus): void => {
  const texts = ['', ' ', '\n', '\0', '{', '}', '[]', '[{}]', '{}', 'null', 'true', '1', '""', '"{}"', "{'a':1}"]
  for (const text of texts) raw('poison', `the text ${JSON.stringify(text)}`, text)
  const valid = fee('hb-y')
  raw('poison', 'a trailing comma', `${valid.slice(0, -1)},}`)
  raw('poison', 'a comment', `/* fee */ ${valid}`)
  raw('poison', 'two documents', `${valid}${valid}`)
  raw('poison', 'a trailing NUL', `${valid}\0`)
  raw('any', 'a byte order mark', `\uFEFF${valid}`)
  raw('poison', 'UTF-16', Buffer.from(valid, 'utf16le'))
  raw('poison', 'Latin-1', Buffer.from(valid.replace('BUS', 'BÜS'), 'latin1'))
  raw(
    'poison',
    'an overlong UTF-8 slash',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  )
  raw(
    'poison',
    'a UTF-8 surrogate',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  )
  raw('poison', 'half a character', Buffer.from('{"a":"é"}').subarray(0, 7))
  raw('poison', 'gzip', gzipSync(valid))
  raw('poison', 'all bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)))
  raw('poison', 'XML', '<event/>')
  raw('poison', 'a form', 'a=1&b=2')
}

const frames = ({ raw }: Corpus): void => {
  const frame = (id: number, rest: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), rest])
  raw('poison', 'a frame around nothing', frame(1, Buffer.alloc(0)))
  raw('poison', 'half a frame', Buffer.from([0, 0, 0]))
  raw('poison', 'a frame around Avro', frame(2, Buffer.from([0x06, 0x66, 0x6f, 0x6f, 0x02, 0x80, 0x01])))
  raw('poison', 'a frame around Protobuf', frame(3, Buffer.from([0x00, 0x0a, 0x03, 0x61, 0x62, 0x63])))
  raw('poison', 'a frame in a frame', frame(4, frame(5, Buffer.from(fee('hb-z')))))
  raw(
    'poison',
    'a frame of another magic byte',
    Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), Buffer.from(fee('hb-z'))]),
  )
}

const strangeJson = ({ event, raw, inputs }: Corpus): void => {
  const literals = ['NaN', 'Infinity', '-Infinity', 'undefined', '0x10', '010', '+1', '.5', '5.', '1_000', '1,5', "'1'"]
  for (const text of literals) {
    event('poison', `the amount ${text}`, FEE, { component_type: 'BUS', amount: verbatim(text) })
    event('poison', `an unknown field ${text}`, FEE, { component_type: 'BUS', amount: 1, note: verbatim(text) })
  }
  const strings = ['"\\x41"', '"\\u12"', '"a\nb"', '"a\tb"', '"\\"', '"']
  for (const text of strings) {
    event('poison', `the text ${JSON.stringify(text)}`, FEE, { component_type: verbatim(text), amount: 1 })
  }
  const deep = (depth: number) => verbatim('['.repeat(depth) + ']'.repeat(depth))
  const deepObject = (depth: number) => verbatim(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  for (const depth of [100, 10_000, 400_000]) {
    event('applied', `an unknown field of ${depth} lists`, FEE, { component_type: 'BUS', amount: 1, note: deep(depth) })
    event('poison', `an amount of ${depth} lists`, FEE, { component_type: 'BUS', amount: deep(depth) })
  }
  event('applied', 'an unknown field of 100,000 objects', FEE, {
    component_type: 'BUS',
    amount: 1,
    note: deepObject(100_000),
  })
  raw('poison', '500,000 open brackets', '['.repeat(500_000))
  raw('poison', '150,000 open objects', '{"a":'.repeat(150_000))

  const student = () => toJson(place(`hb-${inputs.length}`))
  const amounts = '"component_type":"BUS","amount":1'
  const rest = '"specversion":"1.0","id":"i","source":"/erp/hostile","time":"2026-06-01T10:00:00Z"'
  raw('poison', 'an amount twice', `{${rest},"type":"${FEE}","data":{"student":${student()},${amounts},"amount":2}}`)
  raw('poison', 'a type twice', `{${rest},"type":"x.y","type":"${FEE}","data":{"student":${student()},${amounts}}}`)
  raw('poison', 'data twice', `{${rest},"type":"${FEE}","data":1,"data":{"student":${student()},${amounts}}}`)
  raw(
    'poison',
    'a student only as __proto__',
    `{${rest},"type":"${FEE}","data":{"__proto__":{"student":${student()}},${amounts}}}`,
  )
  raw(
    'poison',
    'data only as __proto__',
    `{${rest},"type":"${FEE}","__proto__":{"data":{"student":${student()},${amounts}}}}`,
  )
  raw(
    'applied',
    'a __proto__ beside everything',
    `{${rest},"type":"${FEE}","data":{"student":${student()},${amounts},"__proto__":{"amount":9}}}`,
  )
  raw(
    'applied',
    'fields named as methods',
    `{${rest},"type":"${FEE}","data":{"student":${student()},${amounts},"toString":1,"constructor":{},"hasOwnProperty":0}}`,
  )
  const many = Array.from({ length: 20_000 }, (_, index) => `"k${index}":${index}`).join(',')
  raw(
    'applied',
    '20,000 unknown fields',
    `{${rest},"type":"${FEE}","data":{"student":${student()},${amounts},${many}}}`,
  )
}

const sizes = ({ event, inputs }: Corpus): void => {
  const padded = (bytes: number) => {
    const bare = Buffer.byteLength(
      toJson(envelope(`hb-${inputs.length}`, FEE, { component_type: 'BUS', amount: 1, pad: '' })),
    )
    return { component_type: 'BUS', amount: 1, pad: 'x'.repeat(bytes - bare) }
  }
  event('applied', 'one MiB to the byte', FEE, padded(MIB))
  event('poison', 'one byte over a MiB', FEE, padded(MIB + 1))
  event('poison', 'a name of a megabyte', 'erp.student.enrolled.v1', { ...profile, fullname: 'x'.repeat(1_000_000) })
  event('poison', 'a component of a megabyte', FEE, { component_type: 'x'.repeat(1_000_000), amount: 1 })
  event('poison', 'an amount of a million digits', FEE, { component_type: 'BUS', amount: '9'.repeat(1_000_000) })
  event('any', 'an amount of a million zeros', FEE, { component_type: 'BUS', amount: '0'.repeat(1_000_000) })
  event('poison', 'a number of a million digits', FEE, {
    component_type: 'BUS',
    amount: verbatim('9'.repeat(1_000_000)),
  })
  event('poison', 'a million decimals', FEE, { component_type: 'BUS', amount: `1.${'0'.repeat(1_000_000)}` })
  const parts = Array.from({ length: 15_000 }, (_, index) => ({ component_type: `c${index}`, amount: 1 }))
  event('applied', '15,000 components', 'erp.fees.assessed.v1', { fee_components: parts })
  event('poison', '15,001 components, one twice', 'erp.fees.assessed.v1', { fee_components: [...parts, parts[7]] })
}
