import { CliFailure } from '../command/failure.ts'
import type { Numbered } from '../decision/decision-record.ts'

/** `SOURCE#NUMBER`, or `SOURCE#FIRST-LAST`. */
export const parseLetGo = (text: string): Numbered => {
  const parts = /^(.+)#([1-9][0-9]{0,18})(?:-([1-9][0-9]{0,18}))?$/.exec(text)
  if (!parts)
    throw new CliFailure(`--let-go takes SOURCE#NUMBER, as in /erp/branch-7#42, or SOURCE#FIRST-LAST: ${text}`, 2)
  const [, source, first, last] = parts
  return { source: source!, sequence: first!, ...(last !== undefined && { last }) }
}
