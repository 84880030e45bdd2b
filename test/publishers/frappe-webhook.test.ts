import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { validateRecord } from '../../consumers/events/validate.ts'
import { STRUCTURED_HEADER } from '../../consumers/history/ndjson.ts'
import { requireJinja } from './jinja.ts'

const page = readFileSync(new URL('../../docs/publishing/http.md', import.meta.url), 'utf8')
const template = /```\n(\{"specversion": "1\.0", "source": "\/erp\/frappe"[\s\S]+?)```/.exec(page)![1]!

const RENDER = `import json, sys
from jinja2 import Environment
said = json.load(sys.stdin)
sys.stdout.write(Environment().from_string(said["template"]).render(doc=said["doc"]))`

let python: string
beforeAll(async () => {
  python = await requireJinja()
}, 120_000)

const render = (doc: object): Buffer => {
  const { stdout, stderr, status } = spawnSync(python, ['-c', RENDER], { input: JSON.stringify({ template, doc }) })
  expect(status, String(stderr)).toBe(0)
  return stdout
}
/** As Frappe hands a document to a template: dates are text. */
const DOC = {
  name: 'FEE-0001',
  modified: '2026-06-01 09:00:00.123456',
  pullgate_sequence: 7,
  student: 'S-1',
  program: 'Grade 5',
  fee_category: 'Tuition',
  amount: 12000.0,
}

test.each([
  ['a plain document', {}],
  ['a fee head with quotes, a backslash and markup', { fee_category: `Books "A" \\ <b> & 'c'` }],
  ['a name in another script', { student: 'विद्यार्थी-१', program: 'कक्षा ५' }],
  ['an amount that is text', { amount: '99.5' }],
  ['an amount with the noise of floating point', { amount: 0.1 + 0.2 }],
])('the template of a Frappe webhook makes a valid event of %s', (_title, over) => {
  const doc = { ...DOC, ...over }
  const value = render(doc)
  const at = { partition: 0, offset: 0, timestampMs: 0, key: null, value, headers: [STRUCTURED_HEADER] }
  expect(validateRecord(at)).toEqual({ kind: 'valid', source: '/erp/frappe', identifier: doc.student })
  const event = JSON.parse(value.toString())
  expect(event).toMatchObject({ time: '2026-06-01T09:00:00+05:30', sequence: '7' })
  expect(event.data).toMatchObject({ component_type: doc.fee_category, amount: Number(doc.amount).toFixed(2) })
})
