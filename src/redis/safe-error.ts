import { PullgateError } from '../errors.ts'
import { storeUnavailable } from '../store-unavailable.ts'

/** First words of Redis's error replies that may be named; the rest of such a reply can quote what was sent. */
const replyCodes =
  /\b(READONLY|OOM|LOADING|BUSY|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|CROSSSLOT|MOVED|ASK|NOAUTH|WRONGPASS|NOPERM|NOREPLICAS|UNKILLABLE|WRONGTYPE|NOSCRIPT)\b/u

const clientErrors: ReadonlyMap<string, string> = new Map([
  ["Stream isn't writeable and enableOfflineQueue options is false", 'not connected'],
  ["Cluster isn't ready and enableOfflineQueue options is false", 'not connected'],
  ['Connection is closed.', 'connection closed'],
  ['None of startup nodes is available', 'no cluster node can be reached'],
  ['Failed to refresh slots cache.', 'no cluster node can be reached'],
  ['All sentinels are unreachable. Retrying from scratch after', 'no sentinel can be reached'],
])

/** A cause that may stand in a log: nothing of the command, its arguments or the server's address is in it. */
export const safeDetail = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error'
  if (error.name === 'MaxRetriesPerRequestError') return 'connection lost'
  const { code } = error as NodeJS.ErrnoException
  if (typeof code === 'string' && /^E[A-Z]+$/u.test(code)) return code
  for (const [text, detail] of clientErrors) if (error.message.startsWith(text)) return detail
  if (error.name !== 'ReplyError') return `unexpected ${error.name}`
  if (FORBIDDEN.test(error.message)) return forbidden(error)
  return replyCodes.exec(error.message)?.[1] ?? 'unexpected reply'
}

/** By itself, and in a script of Redis 7.0 and of later ones. */
const FORBIDDEN = /\bNOPERM\b|The user executing the script can't|ACL failure in script/u

/** The command's name, never its arguments: a key holds an identifier. */
const forbidden = (error: Error): string => {
  const asked = (error as { readonly command?: { readonly name?: unknown } }).command?.name
  const denied = /run the '([a-z|-]{1,40})' command/iu.exec(error.message)?.[1]
  const command = denied ?? (typeof asked === 'string' && /^[a-z-]{1,40}$/iu.test(asked) ? asked : 'a command')
  if (denied === undefined && /\bkeys?\b/iu.test(error.message))
    return `NOPERM: the user of Redis may not use the keys of ${command} (ACL: ~pg:*)`
  if (denied === undefined && /script/iu.test(error.message))
    return `NOPERM: the user of Redis may not run a command of a script (ACL: +@read +@write +@keyspace +time)`
  return `NOPERM: the user of Redis may not run ${command} (ACL: +${command})`
}

export const safeError = (error: unknown): PullgateError =>
  error instanceof PullgateError ? error : storeUnavailable(safeDetail(error))
