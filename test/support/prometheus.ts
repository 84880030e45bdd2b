import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requirePrometheus } from '../../scripts/setup/tools.mjs'
import { freePort } from './program.ts'
import { until } from './until.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const tools = (): Promise<{ prometheus: string; promtool: string }> => requirePrometheus(() => {})

/** Runs promtool in the checkout's root, to its end. */
export const promtool = async (args: readonly string[], input = ''): Promise<{ code: number; output: string }> => {
  const { promtool } = await tools()
  return new Promise((resolve) => {
    const child = execFile(promtool, [...args], { cwd: ROOT, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` }),
    )
    child.stdin?.end(input)
  })
}

export type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }

/** A Prometheus of the caller's own; nothing is left behind. */
export type PrivatePrometheus = {
  readonly pid: number
  readonly url: string
  readonly dir: string
  readonly query: (expr: string, timeSeconds?: number) => Promise<readonly Sample[]>
  readonly queryRange: (expr: string, start: number, end: number, step: number) => Promise<readonly unknown[]>
  /** Names of the alerts in a state. */
  readonly alerts: (state: 'pending' | 'firing') => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

const api = async (url: string, form: Readonly<Record<string, string>>): Promise<unknown> => {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string }
  if (status !== 'success') throw new Error(`${form['query']}: ${error}`)
  return data
}

/** @param dir holds `prometheus.yml`, and the data under `data` */
export const privatePrometheus = async (
  prepare: (dir: string) => Promise<void>,
  flags: readonly string[] = [],
): Promise<PrivatePrometheus> => {
  const { prometheus } = await tools()
  const dir = await mkdtemp(join(tmpdir(), 'pullgate-prometheus-'))
  await prepare(dir)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [
    `--config.file=${join(dir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...flags,
  ]
  const child: ChildProcess = spawn(prometheus, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-5_000)
  })
  const killOnExit = () => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    process.off('exit', killOnExit)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await until(
      'Prometheus to be ready',
      async () => {
        if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}:\n${said}`)
        return (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true
      },
      60_000,
    )
  } catch (error) {
    await close()
    throw error
  }

  return {
    pid: child.pid!,
    url,
    dir,
    query: async (query, timeSeconds) => {
      const form = { query, ...(timeSeconds !== undefined && { time: String(timeSeconds) }) }
      const { result, resultType } = (await api(`${url}/api/v1/query`, form)) as {
        resultType: string
        result: readonly Sample[]
      }
      return resultType === 'vector' ? result : [{ metric: {}, value: result as unknown as [number, string] }]
    },
    queryRange: async (query, start, end, step) => {
      const form = { query, start: String(start), end: String(end), step: String(step) }
      return ((await api(`${url}/api/v1/query_range`, form)) as { result: readonly unknown[] }).result
    },
    alerts: async (state) => {
      const response = await fetch(`${url}/api/v1/alerts`)
      const { data } = (await response.json()) as {
        data: { alerts: readonly { state: string; labels: Readonly<Record<string, string>> }[] }
      }
      return [
        ...new Set(data.alerts.filter((alert) => alert.state === state).map(({ labels }) => labels['alertname']!)),
      ]
    },
    close,
  }
}
