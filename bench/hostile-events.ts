import { cpus } from 'node:os'
import { decode } from '../consumers/events/decode.ts'
import { validateRecord } from '../consumers/events/validate.ts'
import { recordOf } from '../test/support/events.ts'
import { hostileMebibytes } from '../test/support/hostile-mebibytes.ts'

/**
 * What the worst events of 1 MiB cost the projector's decoder and a publisher's validation, in one turn of the event
 * loop: milliseconds of this thread's CPU, the mean of some rounds. No server: node bench/hostile-events.ts
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

| event of 1 MiB | decode, ms | validate, ms |
|---|---|---|`)
for (const { name, value } of hostileMebibytes()) {
  const record = recordOf(value)
  console.log(`| ${name} | ${msOf(() => decode(record))} | ${msOf(() => validateRecord(record))} |`)
}
