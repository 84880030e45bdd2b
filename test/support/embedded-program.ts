import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSecret } from '../../src/http/secret.ts'
import { openProgram, type Program } from './program.ts'

export type EmbeddedProgram = {
  readonly program: Program
  readonly path: string
  readonly pull: (url: string, query: Record<string, string>) => Promise<Response>
  readonly close: () => Promise<void>
}

const SECRET = 'partner-secret'

/** The real program with a file of its own in place of servers. */
export const embeddedProgram = async (more = ''): Promise<EmbeddedProgram> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-embedded-'))
  const path = join(folder, 'pullgate.db')
  const hash = await hashSecret(SECRET)
  const program = await openProgram({
    brokers: '',
    redisUrl: '',
    config: `
policy: { balance_basis: net_of_direct, paid_instalments: omit }
embedded: { path: ${JSON.stringify(path)} }
topic: { partitions: 4 }
clients: [{ username: partner, secrets: ["${hash}"], branches: all }]
${more}`,
  })
  return {
    program,
    path,
    pull: (url, query) =>
      fetch(`${url}/fetch-student?${new URLSearchParams(query)}`, {
        headers: { Authorization: `Basic ${Buffer.from(`partner:${SECRET}`).toString('base64')}` },
      }),
    close: async () => {
      await program.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
