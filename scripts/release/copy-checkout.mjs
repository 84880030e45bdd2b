import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT, run, SetupError } from '../setup/exec.mjs'

/** What is committed, with the dependencies of this checkout, into an empty folder: nothing else gets into a release. */
export const copyCheckout = async (target) => {
  const tar = join(target, 'checkout.tar')
  for (const [command, args] of [
    ['git', ['archive', '--output', tar, 'HEAD']],
    ['tar', ['-xf', tar, '-C', target]],
  ]) {
    const { code, output } = await run(command, args)
    if (code !== 0) throw new SetupError(`the commit could not be copied:\n${output}`)
  }
  await rm(tar)
  await symlink(join(ROOT, 'node_modules'), join(target, 'node_modules'))
}
