import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NODE_SHA256, nodeProblem } from '../../../scripts/setup/node-checksum.mjs'

test('another binary than the pinned one is named, and a platform without a sum is not judged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
  try {
    const file = join(folder, 'node')
    writeFileSync(file, 'another')
    expect(nodeProblem(file, 'linux-x64')).toContain(NODE_SHA256['linux-x64'])
    expect(nodeProblem(file, 'sunos-x64')).toBeNull()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the sums are of the version that package.json pins', () => {
  const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  const { node } = JSON.parse(read('package.json')).devDependencies
  expect(read('scripts/setup/node-checksum.mjs')).toContain(`of version ${node} `)
})

test('only dev dependencies run install scripts', () => {
  const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'))
  const scripted = Object.entries<{ hasInstallScript?: boolean; dev?: boolean; peer?: boolean }>(lock.packages)
    .filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev)
    .map(([path]) => path)
  expect(scripted).toEqual([])
})
