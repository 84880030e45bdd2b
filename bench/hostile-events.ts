import { cpus } from 'node:os'
import { decode } from '../consumers/events/decode.ts'
import { readRecord } from '../consumers/events/envelope.ts'
import { validateRecord } from '../consumers/events/validate.ts'
import { recordOf } from '../test/support/events.ts'
import { hostileMebibytes } from '../test/support/hostile-mebibytes.ts'

/**
 * What the worst events of 1 MiB cost in each turn of the event loop: reading, then the projector's decoding or a
 * publisher's validation. Milliseconds of this thread's CPU, the mean of some rounds. No server: node bench/hostile-events.ts
 */

const ROUNDS = 5

const msOf = (work: () => unknown): string => {
  work()
  const begin = process.threadCpuUsage()
  for (let round = 0; round < ROUNDS; round += 1) work()
  const { user, system } = process.threadCpuUsage(begin)
  return ((user + system) / 1000 / ROUNDS).toFixed(1)
}

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, the mean of ${ROUNDS} rounds

| event of 1 MiB | read, ms | decode, ms | validate, ms |
|---|---|---|---|`)
for (const { name, value } of hostileMebibytes()) {
  const record = recordOf(value)
  const read = readRecord(record)
  const [reading, decoding, validating] = [
    msOf(() => readRecord(record)),
    msOf(() => decode(record, false, undefined, read)),
    msOf(() => validateRecord(record, read)),
  ]
  console.log(`| ${name} | ${reading} | ${decoding} | ${validating} |`)
}
