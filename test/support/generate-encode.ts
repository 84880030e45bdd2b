import { crc32 } from 'node:zlib'
import type { Draft } from './generate-erp.ts'
import type { Random } from './generate-random.ts'

/** What a publisher hands to Kafka. `partition` undefined = where the key's murmur2 says. */
export type Publication = {
  readonly partition: number | undefined
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [string, Buffer])[]
  readonly timestampMs: number
}

export type Shape = 'structured' | 'binary' | 'bare'
export type Routing = 'murmur2' | 'crc32' | 'anywhere'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value ?? {}))

/** An object of it has two members of one name. */
const withMemberTwice = (value: Buffer): Buffer =>
  Buffer.from(value.toString().replace('"grade":', '"grade":"0","grade":'))

const framed = (value: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 1, 44]), value])

/** A draft in one of the three shapes. `bytes` of a draft stand for the whole value, whatever the shape. */
export const shaped = (draft: Draft, shape: Shape): Pick<Publication, 'value' | 'headers'> => {
  const { id, source, type, time, sequence, data, bytes, twice } = draft
  const whole = (value: unknown): Buffer => (twice ? withMemberTwice(json(value)) : json(value))
  const numbered = sequence === undefined ? {} : { sequence }
  if (shape === 'binary') {
    const attributes = { specversion: '1.0', id, source, type, time, ...numbered }
    const headers = Object.entries(attributes).map(
      ([name, value]) => [`ce_${name}`, Buffer.from(String(value))] as const,
    )
    return { value: bytes ?? whole(data), headers: [['content-type', Buffer.from('application/json')], ...headers] }
  }
  const value = bytes ?? whole({ specversion: '1.0', id, source, type, time, ...numbered, data })
  const contentType = Buffer.from('application/cloudevents+json; charset=utf-8')
  return { value, headers: shape === 'structured' ? [['content-type', contentType]] : [] }
}

export const publicationOf = (
  random: Random,
  draft: Draft,
  { shape, routing, partitions }: { shape: Shape; routing: Routing; partitions: number },
): Omit<Publication, 'timestampMs'> => {
  const { value, headers } = shaped(draft, shape)
  const frame = draft.bytes === undefined && random.chance(0.1)
  const key = Buffer.from(draft.key ?? draft.student)
  return {
    partition:
      routing === 'murmur2' ? undefined : routing === 'crc32' ? crc32(key) % partitions : random.below(partitions),
    key: routing === 'anywhere' ? null : key,
    value: frame && value !== null ? framed(value) : value,
    headers,
  }
}
