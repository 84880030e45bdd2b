// The read path's floor: bare node:http that sends the bytes given on the command line, whatever is asked.
import { createServer } from 'node:http'

const body = Buffer.from(process.argv[2] ?? '', 'base64')
const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length }
const server = createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
process.once('SIGTERM', () => process.exit())
