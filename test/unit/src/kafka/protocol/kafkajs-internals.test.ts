import { createRequire } from 'node:module'
import { Writable } from 'node:stream'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { kafkajsLogs } from '../../../../../src/kafka/logger.ts'
import {
  type Broker,
  brokerFactory,
  quietRequestQueue,
  sendTogether,
  type WireRequest,
} from '../../../../../src/kafka/protocol/kafkajs-internals.ts'

const require = createRequire(import.meta.url)

describe('what is used of kafkajs’s inside', () => {
  it('is there in the pinned version', async () => {
    const makeBroker = brokerFactory({ brokers: ['127.0.0.1:1'], logLevel: kafkajs.logLevel.NOTHING })
    const broker = await makeBroker({ host: '127.0.0.1', port: 2, nodeId: 5 })
    expect(broker.nodeId).toBe(5)
    expect(broker.connectionPool.pool.length).toBeGreaterThan(0)
    expect(broker.connectionPool.pool.every(({ connectionStatus }) => connectionStatus === 'disconnected')).toBe(true)
    const methods = [
      'connect',
      'joinGroup',
      'syncGroup',
      'heartbeat',
      'offsetCommit',
      'leaveGroup',
      'createTopics',
    ] as const
    for (const method of methods) expect(typeof broker[method]).toBe('function')
  })

  it('arms no timer while nothing is pending, and does while something is', () => {
    quietRequestQueue()
    quietRequestQueue()
    const RequestQueue = require('kafkajs/src/network/requestQueue') as new (
      options: object,
    ) => {
      pending: unknown[]
      throttleCheckTimeoutId: unknown
      scheduleCheckPendingRequests: () => void
      destroy: () => void
    }
    const queue = new RequestQueue({ logger: { debug: () => {} } })
    queue.scheduleCheckPendingRequests()
    expect(queue.throttleCheckTimeoutId).toBeNull()
    queue.pending.push({})
    queue.scheduleCheckPendingRequests()
    expect(queue.throttleCheckTimeoutId).not.toBeNull()
    queue.destroy()
  })

  it('writes two requests that are sent together at once, in their order', async () => {
    const writes: string[][] = []
    const socket = new Writable({
      write: (chunk, _encoding, done) => done(void writes.push([String(chunk)])),
      writev: (chunks, done) => done(void writes.push(chunks.map(({ chunk }) => String(chunk)))),
    })
    const send = async (request: unknown) => {
      await null
      socket.write(String(request))
      return request
    }
    const broker = { connectionPool: { pool: [{ socket }], send } } as unknown as Broker
    const request = (name: string) => name as unknown as WireRequest<string>
    expect(await sendTogether(broker, request('one'), request('other'))).toEqual(['one', 'other'])
    await new Promise(setImmediate)
    expect(writes).toEqual([['one', 'other']])
  })

  it('lets its messages through to the log without anything that might be a record', () => {
    const lines: string[] = []
    const keep = (fields: object, message: string) => lines.push(JSON.stringify({ ...fields, message }))
    const log = kafkajsLogs({ debug: keep, info: keep, warn: keep })(kafkajs.logLevel.WARN)
    const entry = {
      timestamp: '',
      message: 'Response Produce',
      logger: 'kafkajs',
      broker: 'b:1',
      payload: 'Asha',
      groupId: 'g',
    }
    log({ namespace: 'Connection', level: kafkajs.logLevel.WARN, label: 'WARN', log: entry })
    expect(lines).toEqual([
      JSON.stringify({ part: 'Connection', level: 'WARN', broker: 'b:1', message: 'kafkajs: Response Produce' }),
    ])
  })
})
