import type { Header } from '../../../consumers/ports/log.ts'

/** Headers in their stored form: names and bytes in order; a null value differs from an empty one. */
export const encodeHeaders = (headers: readonly Header[]): string | null =>
  headers.length === 0
    ? null
    : JSON.stringify(headers.map(([name, bytes]) => [name, bytes && Buffer.from(bytes).toString('base64')]))

export const decodeHeaders = (text: string | null): readonly Header[] =>
  text === null
    ? []
    : (JSON.parse(text) as [string, string | null][]).map(([name, base64]) => [
        name,
        base64 === null ? null : Buffer.from(base64, 'base64'),
      ])
