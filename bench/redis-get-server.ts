// The second floor of the read path: bare node:http that answers with one ioredis GET. Arguments: port of Redis, key.
import { createServer } from 'node:http'
import { Redis } from 'ioredis'

const [port = '', key = ''] = process.argv.slice(2)
const redis = new Redis({ port: Number(port), host: '127.0.0.1' })
const server = createServer(async (_request, response) => {
  const body = await redis.getBuffer(key)
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body?.length ?? 0 })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`))
process.once('SIGTERM', () => process.exit())
