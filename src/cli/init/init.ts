import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashSecret } from '../../config/secret.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { print, printJson } from '../command/output.ts'
import { configText } from './config-text.ts'
import { type NextSteps, nextSteps } from './next-steps.ts'
import { sampleEvents } from './sample-events.ts'

const CONFIG_FILE = 'pullgate.yaml'
const SECRET_FILE = 'jodo.secret'
const EVENTS_FILE = 'sample-events.ndjson'

export const init: Register = (cli) =>
  cli
    .command('init [folder]', 'writes a first configuration, a secret and three sample events', [
      'npx pullgate init',
      'npx pullgate init school',
    ])
    .action(cli.run((folder: string | undefined) => runInit(folder ?? '.', cli.globals())))

const runInit = async (folder: string, { json }: Globals): Promise<ExitCode> => {
  const secret = randomBytes(24).toString('base64url')
  const config = configText(guessTimezone(), await hashSecret(secret), SECRET_FILE)
  await writeNew(folder, [
    [CONFIG_FILE, config, 0o600],
    [SECRET_FILE, `${secret}\n`, 0o600],
    [EVENTS_FILE, sampleEvents(new Date()), 0o644],
  ])
  const steps = nextSteps({ folder, secretFile: SECRET_FILE, eventsFile: EVENTS_FILE, env: process.env })
  const files = [CONFIG_FILE, SECRET_FILE, EVENTS_FILE].map((name) => join(folder, name))
  if (json) await printJson({ files, ...steps })
  else await print(textOf(files, steps))
  return 0
}

type NewFile = readonly [name: string, text: string, mode: number]

/** Overwrites nothing: where one of the files exists, none is written. */
const writeNew = async (folder: string, files: readonly NewFile[]): Promise<void> => {
  for (const [name] of files)
    if (existsSync(join(folder, name)))
      throw new CliFailure(`${join(folder, name)} exists already, so nothing was written`)
  try {
    await mkdir(folder, { recursive: true })
    for (const [name, text, mode] of files) await writeFile(join(folder, name), text, { mode, flag: 'wx' })
  } catch (error) {
    throw new CliFailure(`The files cannot be written to ${folder} (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** A server's own timezone is often UTC, which says nothing of the school. */
const guessTimezone = (): string => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return /^(Etc\/)?(UTC|GMT|UCT|Unknown)$/.test(zone) ? 'Asia/Kolkata' : zone
}

const textOf = (files: readonly string[], { start, publish, curl }: NextSteps): string => `Written:
${files.map((file) => `  ${file}`).join('\n')}

Start it:
${start.map((command) => `  ${command}`).join('\n')}

In another terminal, publish the sample events and ask as the partner does:
  ${publish}
  ${curl}
`
