import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { openProgram, type Program } from './program.ts'

export type EmbeddedProgram = {
  readonly program: Program
  readonly path: string
  /** The configuration file's text. */
  readonly config: string
  readonly pull: (url: string, query: Record<string, string>) => Promise<Response>
  /** A batch over HTTP; rejects where the process is gone. */
  readonly post: (url: string, records: readonly NewRecord[]) => Promise<Response>
  readonly close: () => Promise<void>
}

const SECRET = 'one-secret-for-both'

export const authorization = (username: 'partner' | 'erp'): string =>
  `Basic ${Buffer.from(`${username}:${SECRET}`).toString('base64')}`

/** The real program with a file of its own in place of servers. */
export const embeddedProgram = async (
  more = '',
  env: Readonly<Record<string, string>> = {},
): Promise<EmbeddedProgram> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-embedded-'))
  const path = join(folder, 'pullgate.db')
  const hash = await hashSecret(SECRET)
  const config = `
policy: { balance_basis: net_of_direct, paid_instalments: omit }
embedded: { path: ${JSON.stringify(path)} }
topic: { name: erp.student-events, partitions: 4 }
clients:
  - { username: partner, secrets: ["${hash}"], branches: all }
  - { username: erp, secrets: ["${hash}"], publish: [/erp/test] }
${more}`
  const program = await openProgram({ brokers: '', redisUrl: '', config, env })
  return {
    program,
    path,
    config,
    pull: (url, query) =>
      fetch(`${url}/fetch-student?${new URLSearchParams(query)}`, {
        headers: { Authorization: authorization('partner') },
      }),
    post: (url, records) =>
      fetch(`${url}/events`, {
        method: 'POST',
        headers: { Authorization: authorization('erp'), 'Content-Type': 'application/cloudevents-batch+json' },
        body: `[${records.map(({ value }) => Buffer.from(value!).toString()).join(',')}]`,
      }),
    close: async () => {
      await program.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
