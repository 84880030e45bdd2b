import { closeSync, createReadStream, createWriteStream, openSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A stream that can be read twice. */
export type Spool = { readonly open: () => Readable; readonly close: () => void }

/** Kept in a file that has no name any more: however this process ends, nothing of it stays. */
export const spool = async (input: Readable): Promise<Spool> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-'))
  const path = join(folder, 'stdin')
  const fd = openSync(path, 'wx+', 0o600)
  rmSync(folder, { recursive: true })
  await pipeline(input, createWriteStream('', { fd, autoClose: false }))
  return {
    open: () => createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: 1024 * 1024 }),
    close: () => closeSync(fd),
  }
}
