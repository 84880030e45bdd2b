import { readFileSync } from 'node:fs'

export type Build = { readonly commit: string; readonly date: string }

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
  readonly build?: Build
}

export const VERSION = manifest.version

/** What the installed program was built from; `null` in a checkout, which is not built. */
export const BUILD = manifest.build ?? null
