import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { MUTATIONS } from './list.ts'
import type { Catcher, Mutation } from './mutation.ts'
import { copyTree } from './tree.ts'

export type MutationResult = {
  readonly guard: string
  /** What noticed, in its own words; `null`: nothing did. */
  readonly caughtBy: string | null
  readonly seconds: number
}

type Ended = { readonly code: number | null; readonly output: string }

const SEEDS = 600

/** Takes out one guard after another and lets what should notice run. `null`: the sound tree already fails. */
export const runMutations = async (
  only: string | undefined,
  onResult: (result: MutationResult) => void,
): Promise<readonly MutationResult[] | null> => {
  const chosen = MUTATIONS.filter(({ guard }) => only === undefined || guard.includes(only))
  const tree = await copyTree()
  try {
    const results: MutationResult[] = []
    const catchers = new Map(chosen.map(({ catcher }) => [JSON.stringify(catcher), catcher]))
    for (const catcher of catchers.values()) {
      const sound = await runCatcher(tree.folder, catcher, 200)
      if (sound.code === 0) continue
      onResult({ guard: `(none taken out: ${nameOf(catcher)})`, caughtBy: lastWords(sound.output), seconds: 0 })
      return null
    }
    for (const mutation of chosen) {
      const result = await runOne(tree, mutation)
      onResult(result)
      results.push(result)
    }
    return results
  } finally {
    await tree.remove()
  }
}

const runOne = async (tree: Awaited<ReturnType<typeof copyTree>>, mutation: Mutation): Promise<MutationResult> => {
  const began = performance.now()
  const mend = await tree.mutate(mutation)
  try {
    const { code, output } = await runCatcher(tree.folder, mutation.catcher, SEEDS)
    const caughtBy = code === 0 ? null : `${nameOf(mutation.catcher)}: ${lastWords(output)}`
    return { guard: mutation.guard, caughtBy, seconds: (performance.now() - began) / 1000 }
  } finally {
    await mend()
  }
}

const runCatcher = async (folder: string, catcher: Catcher, seeds: number): Promise<Ended> => {
  const args =
    catcher.kind === 'simulation'
      ? ['test/lab/main.ts', '--sim', '--seeds', String(seeds), '--failures', '1']
      : [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--retry=0', '--reporter=dot', ...catcher.files]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

const nameOf = (catcher: Catcher): string => (catcher.kind === 'simulation' ? 'simulation' : catcher.files.join(', '))

/** The line that says what was wrong. */
const lastWords = (output: string): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
  const lines = output.split('\n').map((line) => line.replace(/\u001b\[[0-9;]*m/g, '').trim())
  const said =
    lines.find((line) => /^seed \d+ fails/.test(line)) ??
    lines.find((line) => /^FAIL/.test(line)) ??
    lines.find((line) => /^never seen/.test(line)) ??
    lines.at(-2) ??
    ''
  return said.slice(0, 160)
}
