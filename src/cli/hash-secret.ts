import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { hashSecret } from '../http/secret.ts'
import type { ExitCode, Register } from './cli.ts'
import { CliFailure } from './failure.ts'

export const hashSecretCommand: Register = (cli) =>
  cli
    .command('hash-secret', 'makes scrypt$… of a secret on stdin', ["printf %s 's3cret' | npx pullgate hash-secret"])
    .action(cli.run(() => runHashSecret(process.stdin)))

const runHashSecret = async (input: Readable): Promise<ExitCode> => {
  const secret = (await text(input)).replace(/\r?\n$/, '')
  if (secret === '')
    throw new CliFailure("There is no secret on stdin; for example: printf %s 's3cret' | npx pullgate hash-secret")
  process.stdout.write(`${await hashSecret(secret)}\n`)
  return 0
}
