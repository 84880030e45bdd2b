import type { WireRequest } from './kafkajs-internals.ts'
import { API, compactArray, compactString, flexibleRequest, int32, noTags, type WireReader } from './wire.ts'

/** Of KRaft clusters since 3.3; brokers that lack it are asked nothing. */
export const DESCRIBE_QUORUM_VERSION = 1

const METADATA_TOPIC = '__cluster_metadata'

const readReplica = (read: WireReader): { replica: number; caughtUpMs: number } => {
  const replica = read.int32()
  read.int64() // its end
  read.int64() // its last fetch
  const caughtUpMs = read.int64()
  read.tags()
  return { replica, caughtUpMs }
}

/**
 * The clock of the active controller, in Unix milliseconds: the leader of the metadata quorum reports itself as caught
 * up now. `null`: the broker does not tell, or this client may not ask (DESCRIBE on the cluster).
 */
export const controllerClockRequest = (): WireRequest<number | null> => {
  const partition = Buffer.concat([int32(0), noTags])
  const topic = Buffer.concat([compactString(METADATA_TOPIC), compactArray([partition]), noTags])
  const body = compactArray([topic])
  return flexibleRequest(API.describeQuorum, DESCRIBE_QUORUM_VERSION, 'DescribeQuorum', body, (read) => {
    if (read.int16() !== 0) return null
    const [told = null] = read.compactArray(() => {
      read.compactString()
      const [clockMs = null] = read.compactArray(() => {
        read.int32() // partition
        const code = read.int16()
        const leader = read.int32()
        read.int32() // epoch
        read.int64() // high watermark
        const voters = read.compactArray(() => readReplica(read))
        read.compactArray(() => readReplica(read)) // observers
        read.tags()
        const leading = voters.find(({ replica }) => replica === leader)
        return code === 0 && leading !== undefined && leading.caughtUpMs > 0 ? leading.caughtUpMs : null
      })
      read.tags()
      return clockMs
    })
    return told
  })
}
