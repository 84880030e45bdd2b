// Rewrites the manifests of deploy/kubernetes from the Helm chart; a test compares them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kustomizeManifests } from './setup/chart.mjs'
import { ROOT } from './setup/exec.mjs'
import { requireHelm } from './setup/tools.mjs'

const helm = await requireHelm((text) => process.stderr.write(`${text}\n`))
for (const [file, text] of Object.entries(await kustomizeManifests(helm)))
  await writeFile(join(ROOT, 'deploy', 'kubernetes', file), text)
