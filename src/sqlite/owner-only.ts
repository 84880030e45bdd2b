import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'

const OWNER_ONLY = 0o600
const BEYOND_OWNER = 0o077

/**
 * Creates an empty file that only its owner may read and write, or removes the others' rights from an existing file.
 * SQLite copies the file's rights to new journals; existing journals are corrected here.
 */
export const makeOwnerOnly = (path: string): void => {
  closeSync(openSync(path, 'a', OWNER_ONLY))
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`])
    if (existsSync(file) && (statSync(file).mode & BEYOND_OWNER) !== 0) chmodSync(file, OWNER_ONLY)
}
