import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run } from '../../scripts/setup/exec.mjs'
import { type PageBlock, pageBlocks } from '../support/doc-page.ts'
import { until } from '../support/until.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** An empty folder in which `npx pullgate` is this checkout's, on ports of its own. */
const openFolder = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullgate-page-'))
  const bin = mkdtempSync(join(tmpdir(), 'pullgate-bin-'))
  const npx = join(bin, 'npx')
  writeFileSync(npx, `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(ROOT, 'bin', 'pullgate.mjs')}' "$@"\n`)
  chmodSync(npx, 0o755)
  symlinkSync(join(ROOT, 'publishers'), join(folder, 'publishers'))
  const [port, metricsPort] = [await freePort(), await freePort()]
  const env = {
    ...process.env,
    PATH: [bin, process.env['PATH']].join(delimiter),
    KAFKA_BROKERS: '',
    REDIS_URL: '',
    PULLGATE_CONFIG: '',
    HOST: '127.0.0.1',
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
  }
  const children: ChildProcess[] = []
  const scriptOf = (text: string): string => text.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
  const background = async (script: string): Promise<void> => {
    const child = spawn('bash', ['-ec', `exec ${script.trim()}`], { cwd: folder, env, stdio: 'ignore' })
    children.push(child)
    await until('the program is ready', async () => {
      if (child.exitCode !== null) throw new Error(`${script.trim()} ended with ${child.exitCode}`)
      return (await fetch(`http://127.0.0.1:${metricsPort}/readyz`).catch(() => null))?.ok === true
    })
  }
  const play = async (block: PageBlock): Promise<void> => {
    if (block.kind === 'file') writeFileSync(join(folder, block.name), block.text)
    if (block.kind === 'background') await background(block.script)
    if (block.kind !== 'run') return
    const { code, output } = await run('bash', ['-ec', scriptOf(block.script)], { cwd: folder, env, timeoutMs: 60_000 })
    expect(code, `${block.script}${output}`).toBe(0)
    for (const text of block.prints) expect(output).toContain(text)
  }
  const close = async (): Promise<void> => {
    for (const child of children) {
      if (child.exitCode !== null) continue
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    for (const path of [folder, bin]) rmSync(path, { recursive: true, force: true })
  }
  return { play, close }
}

test.each(['docs/tutorial.md', 'docs/embedded.md', 'docs/publishing/README.md'])(
  'the commands of %s do in an empty folder what the page says',
  async (page) => {
    const folder = await openFolder()
    try {
      for (const block of pageBlocks(page)) await folder.play(block)
    } finally {
      await folder.close()
    }
  },
  180_000,
)
