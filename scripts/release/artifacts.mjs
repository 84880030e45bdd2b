import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectEnv, run, SetupError } from '../setup/exec.mjs'

const must = async (what, command, args, options) => {
  const result = await run(command, args, options)
  if (result.code !== 0) throw new SetupError(`${what} failed:\n${result.output.slice(-4000)}`)
  return result.stdout
}

/** The package, compiled in `source`, a checkout with its dependencies; `commit` and `epoch` make it reproducible. */
const packProgram = (source, target, { commit, epoch }) =>
  must('npm pack', 'npm', ['pack', '--pack-destination', target], {
    cwd: source,
    env: projectEnv({ PULLGATE_COMMIT: commit, SOURCE_DATE_EPOCH: String(epoch) }),
  })

/** Every package that an installation has, in CycloneDX's format. */
const writeSbom = async (source, target, version) => {
  const args = [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--sbom-type',
    'application',
    '--omit',
    'dev',
    '--package-lock-only',
  ]
  const sbom = JSON.parse(await must('npm sbom', 'npm', args, { cwd: source }))
  sbom.metadata.component.name = 'pullgate'
  await writeFile(join(target, `pullgate-${version}.cdx.json`), `${JSON.stringify(sbom, null, 2)}\n`)
}

/** Helm names it as npm names the program, so it gets a name of its own. */
const packChart = async (helm, source, target, version) => {
  const folder = join(source, 'chart')
  const chart = join(source, 'deploy/helm/pullgate')
  await must('helm package', helm, ['package', chart, '--destination', folder], { cwd: source })
  await copyFile(join(folder, `pullgate-${version}.tgz`), join(target, `pullgate-chart-${version}.tgz`))
}

/** The arguments of `docker build`: --build-arg-file does not exist, so the file holds a shell command. */
const writeImageCommand = (target, { version, commit, epoch }) => {
  const day = new Date(epoch * 1000).toISOString()
  const labels = {
    'org.opencontainers.image.title': 'pullgate',
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': commit,
    'org.opencontainers.image.created': day,
    'org.opencontainers.image.licenses': 'Apache-2.0',
  }
  const words = [
    ...Object.entries({ PULLGATE_COMMIT: commit, SOURCE_DATE_EPOCH: epoch }).map(([k, v]) => `--build-arg ${k}=${v}`),
    ...Object.entries(labels).map(([name, value]) => `--label ${name}=${value}`),
  ]
  const lines = ['docker build', ...words, `--tag pullgate:${version}`, '.'].join(' \\\n  ')
  return writeFile(join(target, 'build-image.sh'), `#!/bin/sh\nset -eu\n${lines}\n`, { mode: 0o755 })
}

const writeChecksums = async (target) => {
  const files = (await readdir(target)).filter((name) => name !== 'SHA256SUMS').sort()
  const lines = await Promise.all(
    files.map(async (name) => {
      const digest = createHash('sha256').update(await readFile(join(target, name)))
      return `${digest.digest('hex')}  ${name}\n`
    }),
  )
  await writeFile(join(target, 'SHA256SUMS'), lines.join(''))
}

/** Everything that a release consists of, into the folder `target`. Returns the names of its files. */
export const makeArtifacts = async ({ helm, source, target, version, notes, ...build }) => {
  await mkdir(target, { recursive: true })
  await packProgram(source, target, build)
  await writeSbom(source, target, version)
  await packChart(helm, source, target, version)
  await writeFile(join(target, 'NOTES.md'), `${notes}\n`)
  await writeImageCommand(target, { version, ...build })
  await writeChecksums(target)
  return readdir(target)
}
