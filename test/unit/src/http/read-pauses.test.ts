import { EventEmitter, once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Exchange, exchanges } from '../../../../src/http/exchange.ts'
import { readPauses } from '../../../../src/http/read-pauses.ts'
import { send } from '../../../../src/http/reply.ts'
import { socketStates } from '../../../../src/http/sockets.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const nextTurn = () => new Promise((resolve) => void setImmediate(resolve))

/** A server that hands out its requests to be answered. */
const serve = async (onExchange: (exchange: Exchange) => void): Promise<number> => {
  const states = socketStates()
  const pauses = readPauses(states)
  const open = exchanges(states, { value: false }, pauses)
  const listener: RequestListener = (request, response) => onExchange(open(request, response, 'id'))
  const server: Server = createServer(listener).on('connection', pauses.onConnection)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  cleanups.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

const client = (port: number): Socket => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  cleanups.push(() => socket.destroy())
  return socket
}

/** 1 KiB each, so that one read brings few of them. */
const requests = (path: string, count: number): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1000)}\r\n\r\n`.repeat(count)

test('a connection with many unanswered requests is not read, and all of them are answered in the end', async () => {
  const held: Exchange[] = []
  const port = await serve((exchange) => {
    if (exchange.request.url === '/now') send(exchange, 200, [], '')
    else held.push(exchange)
  })
  const [many, other] = [client(port), client(port)]
  const COUNT = 4000
  let answers = 0
  many.on('data', (chunk) => {
    answers += String(chunk).split('HTTP/1.1 200').length - 1
  })
  many.write(requests('/later', COUNT))
  await expect.poll(() => held.length).toBeGreaterThan(8)
  // Each round trip is a turn in which the whole rest could be read.
  for (let trip = 0; trip < 200; trip += 1) {
    other.write(requests('/now', 1))
    await once(other, 'data')
  }
  expect(held.length).toBeLessThan(500)

  let answered = 0
  await expect
    .poll(
      () => {
        for (; answered < held.length; answered += 1) send(held[answered]!, 200, [], '')
        return answers
      },
      { timeout: 60_000, interval: 1 },
    )
    .toBe(COUNT)
}, 90_000)

/** A connection that only says whether it is paused. */
const fakeSocket = (): Socket => {
  const socket = new EventEmitter() as Socket & { paused: boolean }
  socket.paused = false
  socket.isPaused = () => socket.paused
  socket.pause = () => Object.assign(socket, { paused: true })
  socket.resume = () => {
    socket.paused = false
    socket.emit('resume')
    return socket
  }
  return socket
}

const pausedSockets = (count: number) => {
  const states = socketStates()
  const pauses = readPauses(states)
  const ask = (socket: Socket, times = 1): void => {
    for (let asked = 0; asked < times; asked += 1) {
      states(socket).pending += 1
      pauses.onRequest(socket, states(socket))
    }
  }
  const answer = (socket: Socket, left: number): void => {
    while (states(socket).pending > left) {
      states(socket).pending -= 1
      states(socket).pause?.onAnswered()
    }
  }
  const sockets = Array.from({ length: count }, fakeSocket)
  for (const socket of sockets) ask(socket, 9)
  return { pauses, ask, answer, sockets, read: () => sockets.filter((socket) => !socket.isPaused()) }
}

test('Node’s own resume does not end a pause', () => {
  const { sockets } = pausedSockets(1)
  sockets[0]!.resume()
  expect(sockets[0]!.isPaused()).toBe(true)
})

test('of paused connections that bring many requests one is read in a turn', async () => {
  const { ask, answer, sockets, read } = pausedSockets(10)
  for (const socket of sockets) answer(socket, 2)
  const seen = new Set<Socket>()
  while (seen.size < sockets.length) {
    await nextTurn()
    const now = read().filter((socket) => !seen.has(socket))
    expect(now.length).toBeLessThanOrEqual(1)
    for (const socket of now) {
      seen.add(socket)
      ask(socket, 100)
    }
  }
})

test('of paused connections that bring few requests several are read in a turn', async () => {
  const { answer, sockets, read } = pausedSockets(200)
  for (const socket of sockets) answer(socket, 2)
  let turns = 0
  for (; read().length < sockets.length; turns += 1) await nextTurn()
  expect(turns).toBeLessThan(20)
})

test('no paused connection is read while all have too many unanswered requests, and new ones are', async () => {
  const { pauses, ask, answer, sockets, read } = pausedSockets(2)
  const [first, second] = sockets as [Socket, Socket]
  ask(first, 5000)
  answer(second, 2)
  const fresh = fakeSocket()
  pauses.onConnection(fresh)
  expect(fresh.isPaused()).toBe(true)
  while (fresh.isPaused()) await nextTurn()
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
  expect(read()).toEqual([])
  answer(first, 2)
  await expect.poll(() => read().length).toBe(2)
})

test('a new connection is read at once while no other pipelines', () => {
  const fresh = fakeSocket()
  readPauses(socketStates()).onConnection(fresh)
  expect(fresh.isPaused()).toBe(false)
})
