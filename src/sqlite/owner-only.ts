import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'

const OWNER_ONLY = 0o600
const BEYOND_OWNER = 0o077

/**
 * Makes an empty file that its owner alone may read and write, or takes the others' rights away from the one that is
 * there. SQLite gives a file's journals the rights of the file; those that lie there already are seen to as well.
 */
export const makeOwnerOnly = (path: string): void => {
  closeSync(openSync(path, 'a', OWNER_ONLY))
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`])
    if (existsSync(file) && (statSync(file).mode & BEYOND_OWNER) !== 0) chmodSync(file, OWNER_ONLY)
}
