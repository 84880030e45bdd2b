import { readFileSync } from 'node:fs'

/** A secret, or the file that holds it. The file is read at each use, so that a rotated secret needs no restart. */
export type Credential = { readonly value: string } | { readonly file: string }

/** Without one last newline: editors and `kubectl create secret` disagree about it. Throws like `fs.readFileSync`. */
export const readCredential = (credential: Credential): string =>
  'value' in credential ? credential.value : readFileSync(credential.file, 'utf8').replace(/\r?\n$/, '')
