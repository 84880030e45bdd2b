// Makes a release: npm run release -- X.Y.Z. Dry unless --write is given; it publishes nothing. docs/releasing.md
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeArtifacts } from './release/artifacts.mjs'
import { released, sectionOf, sectionProblems } from './release/changelog.mjs'
import { copyCheckout } from './release/copy-checkout.mjs'
import { isVersion, VERSION_FILES } from './release/versions.mjs'
import { projectEnv, ROOT, run, SetupError } from './setup/exec.mjs'
import { requireHelm } from './setup/tools.mjs'

const USAGE = 'usage: npm run release -- X.Y.Z [--write] [--skip-check]'
const say = (text) => process.stderr.write(`[release] ${text}\n`)

const git = async (...args) => {
  const { code, stdout, output } = await run('git', args)
  if (code !== 0) throw new SetupError(`git ${args[0]} failed:\n${output}`)
  return stdout.trim()
}

const bump = async (folder, from, version, day) => {
  for (const [file, rename] of Object.entries(VERSION_FILES)) {
    const path = join(folder, file)
    await writeFile(path, rename(await readFile(path, 'utf8'), from, version))
  }
  const changelog = join(folder, 'CHANGELOG.md')
  await writeFile(changelog, released(await readFile(changelog, 'utf8'), version, day))
}

const writeRelease = async (from, version, day) => {
  await bump(ROOT, from, version, day)
  const { code, output } = await run('node', ['scripts/write-manifests.mjs'], { env: projectEnv() })
  if (code !== 0) throw new SetupError(`the manifests could not be written:\n${output}`)
  await git('commit', '-qam', `Release ${version}`)
  await git('tag', '-a', `v${version}`, '-m', `Pullgate ${version}`)
  say(`committed and tagged v${version}; nothing is pushed`)
}

const release = async (version, { write, skipCheck }) => {
  const { version: from } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const notes = sectionOf(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'), version)
  const problems = sectionProblems(notes, version)
  if ((await git('status', '--porcelain')) !== '') problems.push('the checkout has changes that are not committed')
  if (problems.length > 0) throw new SetupError(problems.join('\n'))

  const commit = await git('rev-parse', '--short=12', 'HEAD')
  const epoch = Number(await git('log', '-1', '--format=%ct'))
  const day = new Date(epoch * 1000).toISOString().slice(0, 10)
  const helm = await requireHelm(say)
  if (!skipCheck) {
    say('checks')
    const { code } = await run('node', ['scripts/check.mjs'], { inherit: true, env: projectEnv() })
    if (code !== 0) throw new SetupError('npm run check found problems')
  }
  const source = await mkdtemp(join(tmpdir(), 'pullgate-release-'))
  try {
    await copyCheckout(source)
    await bump(source, from, version, day)
    const target = join(ROOT, 'release', version)
    await rm(target, { recursive: true, force: true })
    const files = await makeArtifacts({ helm, source, target, version, notes, commit, epoch })
    for (const file of files) process.stdout.write(`release/${version}/${file}\n`)
  } finally {
    await rm(source, { recursive: true, force: true })
  }
  if (write) await writeRelease(from, version, day)
  else say('dry: nothing was committed or tagged; --write does that')
}

const args = process.argv.slice(2)
const [version, ...more] = args.filter((arg) => !arg.startsWith('--'))
const options = args.filter((arg) => arg.startsWith('--'))
const isUsage = version === undefined || more.length > 0 || !isVersion(version)
if (isUsage || options.some((option) => !['--write', '--skip-check'].includes(option))) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else {
  const settings = { write: options.includes('--write'), skipCheck: options.includes('--skip-check') }
  await release(version, settings).catch((error) => {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  })
}
