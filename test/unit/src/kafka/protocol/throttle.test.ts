import { expect, test } from 'vitest'
import { int32, wireRequest } from '../../../../../src/kafka/protocol/wire.ts'

test('the pause that a broker asks for reaches the connection, beside the answer', async () => {
  const { response } = wireRequest(2, 4, 'ListOffsets', Buffer.alloc(0), (read) => {
    read.throttle()
    return read.int32()
  })
  const decoded = await response.decode(Buffer.concat([int32(250), int32(7)]))
  expect(decoded.clientSideThrottleTime).toBe(250)
  expect(await response.parse(decoded)).toBe(7)
})
