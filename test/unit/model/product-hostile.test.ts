import { expect, test } from 'vitest'
import type { LogRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { hostileInputs } from '../../support/hostile.ts'
import { type HostileInput, setUp } from '../../support/hostile-input.ts'
import { projectLog } from '../../support/project.ts'

const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
const BYSTANDER = 'B-1'

/** The bystander and the student are set up, then the hostile record comes, where its key puts it. */
const project = ({ student, headers, key, value }: HostileInput) => {
  const offsets = new Map<number, number>()
  const log: LogRecord[] = []
  const append = (partition: number, record: Omit<LogRecord, 'partition' | 'offset' | 'timestampMs'>): void => {
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    log.push({ ...record, partition, offset, timestampMs: 1_780_000_000_000 + log.length })
  }
  for (const name of [BYSTANDER, ...(student === null ? [] : [student])])
    for (const record of setUp(name)) append(partitionOf(name, 16), record)
  append(student === null ? 0 : partitionOf(student, 16), { headers, key, value })
  return projectLog(log, POLICY, 'Asia/Kolkata', 'erp.student-events')
}

test.for(hostileInputs().map((input) => [input.name, input] as const))('%s', ([, input]) => {
  const { students, deadLetters } = project(input)
  expect(students.get(BYSTANDER)?.answers.suspect, 'another student is harmed').toBe(false)
  if (input.expect === 'poison') expect(deadLetters.map(({ reason }) => reason)).toEqual(['poison'])
  if (input.expect === 'applied' || input.expect === 'ignored') expect(deadLetters).toEqual([])
})
