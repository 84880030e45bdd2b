import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFormText } from '../../../../src/http/form.ts'
import { parsePullQuery } from '../../../../src/http/query.ts'

const parse = (query: string) => parsePullQuery(`/fetch-student?${query}`)
const queryOf = (query: string) => {
  const parsed = parse(query)
  return parsed.ok ? parsed.query : parsed.message
}

test.each<[string, object]>([
  ['identifier=S-1', { identifier: 'S-1' }],
  ['identifier=a+b%20c%2B', { identifier: 'a b c+' }],
  ['identifier=%C3%A9%F0%9F%98%80', { identifier: 'é😀' }],
  ['identifier=%EF%BB%BFx', { identifier: '\uFEFFx' }],
  ['identifier=a=b==', { identifier: 'a=b==' }],
  ['identifier=__proto__', { identifier: '__proto__' }],
  ['identifier=+', { identifier: ' ' }],
  ['identifier=a;b/c?d', { identifier: 'a;b/c?d' }],
  ['%69dentifier=S', { identifier: 'S' }],
  ['&&identifier=S&', { identifier: 'S' }],
  [
    'custom_identifier=C&grade=5&collector_code=B&academic_year_start=2026&academic_year_end=2027',
    {
      custom_identifier: 'C',
      grade: '5',
      collector_code: 'B',
      academic_year_start: '2026',
      academic_year_end: '2027',
    },
  ],
  ['identifier=S&__proto__=x&constructor=y&toString', { identifier: 'S' }],
  ['identifier=S&x=1&x=2&x=&=&=x&Identifier=T&%zz=%zz&x=100%', { identifier: 'S' }],
  [`identifier=S&x=${'y'.repeat(5000)}`, { identifier: 'S' }],
  [`identifier=${'x'.repeat(128)}`, { identifier: 'x'.repeat(128) }],
  [`identifier=${'%F0%9F%98%80'.repeat(128)}`, { identifier: '😀'.repeat(128) }],
  ['custom_identifier=%0A', { custom_identifier: '\n' }],
])('%s is understood', (query, expected) => {
  expect(queryOf(query)).toEqual(expected)
})

test.each<[string, string]>([
  ['', 'identifier or custom_identifier is required.'],
  ['grade=5', 'identifier or custom_identifier is required.'],
  ['Identifier=5', 'identifier or custom_identifier is required.'],
  ['identifier', 'identifier is empty.'],
  ['identifier=', 'identifier is empty.'],
  ['identifier=1&grade=', 'grade is empty.'],
  ['identifier=1&identifier=1', 'identifier is given more than once.'],
  ['identifier=1&%69dentifier=1', 'identifier is given more than once.'],
  ['identifier=1&grade=a&grade=b', 'grade is given more than once.'],
  [`identifier=${'x'.repeat(129)}`, 'identifier has more than 128 characters.'],
  [`identifier=${'%F0%9F%98%80'.repeat(129)}`, 'identifier has more than 128 characters.'],
  [`identifier=1&academic_year_end=${'x'.repeat(129)}`, 'academic_year_end has more than 128 characters.'],
  ['identifier=a%00b', 'identifier has a control character.'],
  ['identifier=a%C2%85b', 'identifier has a control character.'],
  ['identifier=%FF', 'The query is not UTF-8.'],
  ['identifier=%C3', 'The query is not UTF-8.'],
  ['identifier=%ED%A0%80', 'The query is not UTF-8.'],
  ['identifier=%C0%AF', 'The query is not UTF-8.'],
  ['identifier=1&x=%FF', 'The query is not UTF-8.'],
  ['identifier=1&%FF=x', 'The query is not UTF-8.'],
  ['identifier=100%', 'identifier is not validly percent-encoded.'],
  ['identifier=%4', 'identifier is not validly percent-encoded.'],
  ['identifier=%zz%C3%A9', 'identifier is not validly percent-encoded.'],
  ['identifier=S#1', 'A # in a parameter must be written as %23.'],
])('%s is refused: %s', (query, message) => {
  expect(queryOf(query)).toBe(message)
})

test('a target without a query names nobody', () => {
  expect(parsePullQuery('/fetch-student')).toMatchObject({ ok: false })
  expect(parsePullQuery('http://x/fetch-student?identifier=1')).toEqual({ ok: true, query: { identifier: '1' } })
})

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 })

test('what URLSearchParams encodes is read back, whatever the text', () => {
  fc.assert(
    fc.property(text, text, (custom, grade) => {
      const query = String(new URLSearchParams({ custom_identifier: custom, x: grade, grade }))
      expect(queryOf(query)).toEqual({ custom_identifier: custom, grade })
    }),
  )
})

test('a form is decoded as the URL standard has it, where that has no replacement characters', () => {
  const piece = fc.constantFrom('%', '%4', '%41', '+', 'a', '%C3%A9', '%C3', '%zz', '%%', ' ', '%2', '5')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const decoded = decodeFormText(pieces.join(''))
      const standard = new URLSearchParams(`a=${pieces.join('')}`).get('a')
      if (decoded.kind === 'not_utf8') expect(standard).toContain('\uFFFD')
      else expect(decoded.text).toBe(standard)
    }),
  )
})
