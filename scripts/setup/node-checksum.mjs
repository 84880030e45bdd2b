import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/**
 * The dev dependency `node` fetches its binary in an install script, outside package-lock.json. Therefore the binary is
 * held to these SHA-256 sums, of version 24.21.0 as npm has it. Other platforms have no sum here.
 */
export const NODE_SHA256 = {
  'linux-x64': '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
  'linux-arm64': '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
}

/**
 * What is wrong with the binary, or `null`.
 *
 * @param {string} file
 * @param {string} platform
 */
export const nodeProblem = (file, platform = `${process.platform}-${process.arch}`) => {
  const expected = NODE_SHA256[platform]
  if (expected === undefined) return null
  const found = createHash('sha256').update(readFileSync(file)).digest('hex')
  return found === expected ? null : `${file} has the SHA-256 ${found}, not ${expected}: remove node_modules`
}
