import { PullgateError } from '../errors.ts'
import { storeUnavailable } from '../store-unavailable.ts'

/** First words of Redis error replies that are safe to name; the rest of a reply may quote what was sent. */
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

/** A cause that is safe to log: it holds no command, argument or server address. */
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

/** The refusal outside scripts, and inside a script of Redis 7.0 and of later versions. */
const FORBIDDEN = /\bNOPERM\b|The user executing the script can't|ACL failure in script/u

/** Names the command, never its arguments, because a key holds an identifier. */
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
