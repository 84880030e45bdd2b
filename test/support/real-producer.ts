import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LogRecord } from '../../consumers/ports/log.ts'
import { javaRuntime, pythonRuntime, type Runtime } from '../publishers/runtimes.ts'
import { sharedBrokers } from './shared-kafka.ts'

/** A process with a client library of another language, as it is out of the box. */
export type RealProducer = {
  readonly send: (record: Sent) => Promise<void>
  readonly tell: (command: 'begin' | 'commit' | 'abort' | 'flush') => Promise<void>
  readonly close: () => Promise<void>
}

export type Sent = Pick<LogRecord, 'key' | 'value' | 'headers'>
export type Client = 'librdkafka' | 'java'

type Options = { readonly topic: string; readonly compression: string; readonly transactionalId?: string }

const file = (name: string): string => fileURLToPath(new URL(`./producers/${name}`, import.meta.url))

const CLIENTS: Readonly<Record<Client, { runtime: () => Promise<Runtime | null>; file: string }>> = {
  librdkafka: { runtime: pythonRuntime, file: file('producer.py') },
  java: { runtime: javaRuntime, file: file('Producer.java') },
}

/** Whether the client library, and what it runs on, is here or can be fetched. */
export const isAtHand = async (client: Client): Promise<boolean> => (await CLIENTS[client].runtime()) !== null

const base64 = (bytes: Uint8Array | null): string => (bytes === null ? '-' : Buffer.from(bytes).toString('base64'))

export const startProducer = async (
  client: Client,
  { topic, compression, transactionalId }: Options,
): Promise<RealProducer> => {
  const runtime = await CLIENTS[client].runtime()
  if (runtime === null) throw new Error(`${client} is not at hand`)
  const [command = '', ...first] = runtime.command
  const args = [...first, CLIENTS[client].file, sharedBrokers(), topic, compression]
  const child: ChildProcess = spawn(command, transactionalId ? [...args, transactionalId] : args, {
    env: { ...process.env, ...runtime.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr!.on('data', (chunk) => (complaints = `${complaints}${chunk}`.slice(-4000)))
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const ask = async (line: string): Promise<void> => {
    child.stdin!.write(`${line}\n`)
    const { value, done } = await answers.next()
    if (done || value !== 'ok')
      throw new Error(`${client} said ${value ?? 'nothing'} to ${line.slice(0, 20)}: ${complaints}`)
  }
  return {
    send: ({ key, value, headers }) => {
      const pairs = headers.map(([name, bytes]) => `${name}=${base64(bytes)}`).join(',')
      return ask(['send', base64(key), base64(value), pairs].join('\t'))
    },
    tell: ask,
    close: async () => {
      child.stdin!.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
