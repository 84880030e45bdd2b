import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { hashSecret } from '../config/secret.ts'
import type { ExitCode, Globals, Register } from './command/cli.ts'
import { CliFailure } from './command/failure.ts'
import { print } from './command/output.ts'

export const hashSecretCommand: Register = (cli) =>
  cli
    .command('hash-secret', 'reads a secret from stdin and prints its hash', [
      "printf %s 's3cret' | npx pullgate hash-secret",
    ])
    .action(cli.run(() => runHashSecret(process.stdin, cli.globals())))

const runHashSecret = async (input: Readable, { json }: Globals): Promise<ExitCode> => {
  const secret = (await text(input)).replace(/\r?\n$/, '')
  if (secret === '')
    throw new CliFailure("There is no secret on stdin; for example: printf %s 's3cret' | npx pullgate hash-secret")
  const hashed = await hashSecret(secret)
  await print(json ? `${JSON.stringify({ secret: hashed })}\n` : `${hashed}\n`)
  return 0
}
