import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectEnv, ROOT, run } from '../../scripts/setup/exec.mjs'

const VERSION = '9.8.7'
const LEFT_OUT = /^(node_modules|\.git|dist|release)($|\/)/

/** A repository of its own with the files of this checkout as its one commit. */
const project = mkdtempSync(join(tmpdir(), 'pullgate-release-test-'))
const at = (...path: string[]): string => join(project, ...path)
const inProject = (command: string, ...args: string[]) =>
  run(command, args, { cwd: project, env: projectEnv(IDENTITY) })
const IDENTITY = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
}
const release = (...args: string[]) => inProject('node', 'scripts/release.mjs', ...args)

beforeAll(async () => {
  cpSync(ROOT, project, {
    recursive: true,
    filter: (source) => !LEFT_OUT.test(relative(ROOT, source)),
    verbatimSymlinks: true,
  })
  symlinkSync(join(ROOT, 'node_modules'), at('node_modules'))
  writeFileSync(at('.git-exclude'), 'node_modules\n')
  const changelog = readFileSync(at('CHANGELOG.md'), 'utf8')
  const section = `## ${VERSION} (unreleased)\n\n### Added\n\nX.\n\n### Changed\n\nY.\n\n### Upgrade steps\n\nZ.\n\n`
  writeFileSync(at('CHANGELOG.md'), changelog.replace(/^## /m, `${section}## `))
  await inProject('git', 'init', '-q')
  await inProject('git', 'config', 'core.excludesFile', at('.git-exclude'))
  writeFileSync(at('.git/info/exclude'), 'node_modules\n.git-exclude\n')
  await inProject('git', 'add', '-A')
  const { code, output } = await inProject('git', 'commit', '-qm', 'All')
  expect(code, output).toBe(0)
}, 60_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('a dry release', () => {
  let said: string
  beforeAll(async () => {
    const { code, output, stdout } = await release(VERSION, '--skip-check')
    expect(code, output).toBe(0)
    said = stdout
  }, 300_000)

  const file = (name: string): string => at('release', VERSION, name)

  test('makes package, chart, bill of materials, notes, image command and checksums, and names them', () => {
    const names = readdirSync(at('release', VERSION)).sort()
    expect(names).toEqual([
      'NOTES.md',
      'SHA256SUMS',
      'build-image.sh',
      `pullgate-${VERSION}.cdx.json`,
      `pullgate-${VERSION}.tgz`,
      `pullgate-chart-${VERSION}.tgz`,
    ])
    expect(said.trim().split('\n').sort()).toEqual(names.map((name) => `release/${VERSION}/${name}`).sort())
  })

  test('changes nothing in the repository', async () => {
    expect((await inProject('git', 'status', '--porcelain')).stdout).toBe('')
    expect((await inProject('git', 'tag')).stdout).toBe('')
  })

  test('has the right checksums', () => {
    const lines = readFileSync(file('SHA256SUMS'), 'utf8').trim().split('\n')
    expect(lines).toHaveLength(5)
    for (const line of lines) {
      const [digest, name] = line.split('  ') as [string, string]
      expect(
        createHash('sha256')
          .update(readFileSync(file(name)))
          .digest('hex'),
      ).toBe(digest)
    }
  })

  test('lists what an installation has, and nothing of the workshop', () => {
    const { bomFormat, components } = JSON.parse(readFileSync(file(`pullgate-${VERSION}.cdx.json`), 'utf8'))
    const names = (components as { name: string }[]).map(({ name }) => name)
    expect(bomFormat).toBe('CycloneDX')
    expect(names).toEqual(expect.arrayContaining(['fastify', 'kafkajs', 'ioredis', 'opossum']))
    expect(names).not.toContain('vitest')
  })

  test('puts version, commit and day into the package, and into the arguments of the image', async () => {
    const commit = (await inProject('git', 'rev-parse', '--short=12', 'HEAD')).stdout.trim()
    const manifest = await inProject('tar', '-xzOf', file(`pullgate-${VERSION}.tgz`), 'package/dist/package.json')
    expect(JSON.parse(manifest.stdout)).toMatchObject({ version: VERSION, build: { commit } })
    const image = readFileSync(file('build-image.sh'), 'utf8')
    expect(image).toContain(`--build-arg PULLGATE_COMMIT=${commit}`)
    expect(image).toContain(`--label org.opencontainers.image.version=${VERSION}`)
    const dockerfile = readFileSync(at('Dockerfile'), 'utf8')
    for (const [, name] of image.matchAll(/--build-arg (\w+)=/g)) expect(dockerfile).toContain(`ARG ${name}=`)
  })

  test('made again from the same commit, gives the same package', async () => {
    const before = readFileSync(file(`pullgate-${VERSION}.tgz`))
    expect((await release(VERSION, '--skip-check')).code).toBe(0)
    expect(readFileSync(file(`pullgate-${VERSION}.tgz`)).equals(before)).toBe(true)
  }, 120_000)
})

test.each([
  [['9.9.9', '--skip-check'], 1, 'has no section'],
  [['latest'], 2, 'usage'],
  [['1.0.0', '--publish'], 2, 'usage'],
  [[], 2, 'usage'],
])('release %j is refused', async (args, expected, words) => {
  const { code, output } = await release(...args)
  expect(output).toContain(words)
  expect(code).toBe(expected)
  expect(existsSync(at('release', '9.9.9'))).toBe(false)
})

test('what is not committed forbids a release', async () => {
  writeFileSync(at('new-file'), 'x')
  const { code, output } = await release(VERSION, '--skip-check')
  rmSync(at('new-file'))
  expect(output).toContain('not committed')
  expect(code).toBe(1)
})

test('with --write the version is set everywhere, committed and tagged', async () => {
  const { code, output } = await release(VERSION, '--skip-check', '--write')
  expect(code, output).toBe(0)
  expect((await inProject('git', 'status', '--porcelain')).stdout).toBe('')
  expect((await inProject('git', 'tag')).stdout.trim()).toBe(`v${VERSION}`)
  expect(JSON.parse(readFileSync(at('package.json'), 'utf8')).version).toBe(VERSION)
  expect(readFileSync(at('deploy/kubernetes/gateway.yaml'), 'utf8')).toContain(`image: pullgate:${VERSION}`)
  expect(readFileSync(at('CHANGELOG.md'), 'utf8')).toMatch(/^## 9\.8\.7 \(\d{4}-\d\d-\d\d\)$/m)
}, 120_000)
