import { readFileSync } from 'node:fs'

/** The PEM files of a TLS client. They are read at each connection, so that renewed certificates need no restart. */
export type TlsFiles = { readonly ca?: string; readonly cert?: string; readonly key?: string }

export type TlsTexts = { readonly ca?: string; readonly cert?: string; readonly key?: string }

/** Reads the files at each call. While one of them cannot be read, the last texts count. Throws if there are none. */
export const tlsReader = (files: TlsFiles): (() => TlsTexts) => {
  let last: TlsTexts | null = null
  return () => {
    try {
      const texts = Object.entries(files).map(([name, file]) => [name, readFileSync(file, 'utf8')])
      last = Object.fromEntries(texts) as TlsTexts
    } catch (error) {
      if (last === null) throw error
    }
    return last!
  }
}
