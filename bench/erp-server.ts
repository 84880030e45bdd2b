// The ERP behind a day's gateways: answers every student's fetch-student with what is true in it, after a while. Argument:
// milliseconds an answer takes. `/raise?students=n` puts the fee run on the first n students: true there from then on.
import { createServer } from 'node:http'
import { studentBody } from '../test/support/fake-erp-students.ts'
import { branchOf, FEE_RISE_PAISE, firstDuePaise, indexOf, wideShape } from './world.ts'

const [delayMs = ''] = process.argv.slice(2)
let raised = 0
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://erp')
  if (pathname === '/raise') {
    raised = Number(searchParams.get('students'))
    return void response.end()
  }
  const identifier = searchParams.get('identifier') ?? ''
  const index = indexOf(identifier)
  const paise = firstDuePaise(index, wideShape) + (index < raised ? FEE_RISE_PAISE : 0)
  const student = {
    ...{ identifier, collector_code: branchOf(index), grade: '7' },
    ...{ academic_year_start: '2026', academic_year_end: '2027' },
  }
  const body = Buffer.from(JSON.stringify(studentBody(student, paise / 100)))
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
  setTimeout(() => response.writeHead(200, headers).end(body), Number(delayMs))
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
process.once('SIGTERM', () => process.exit())
