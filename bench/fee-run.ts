// The month-end fee run: a publisher that appends its events as fast as the broker takes them. Arguments: topic, students.
// Says `ready`, begins at SIGUSR2, and prints after every acknowledged batch how many students it is through with, and
// when (nanoseconds of the machine's clock).
import { once } from 'node:events'
import { openLog } from '../test/support/shared-kafka.ts'
import { PARTITIONS, wideShape, world } from './world.ts'

const AT_ONCE = 1_000

const [topic = '', students = ''] = process.argv.slice(2)
const log = openLog()
const group = world(topic, 1, PARTITIONS, wideShape)
// The events with which they began are on the log: only their turn in the sequence is needed.
for (let index = 0; index < Number(students); index += 1) group.begin(index)
// A signal alone keeps no process alive.
const alive = setInterval(() => {}, 1_000)
process.stdout.write('ready\n')
await once(process, 'SIGUSR2')
for (let from = 0; from < Number(students); from += AT_ONCE) {
  const upTo = Math.min(from + AT_ONCE, Number(students))
  await log.append(Array.from({ length: upTo - from }, (_, at) => group.raise(from + at)).flat())
  process.stdout.write(`${upTo} ${process.hrtime.bigint()}\n`)
}
clearInterval(alive)
await log.close()
