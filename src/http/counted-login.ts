import type { Metrics } from '../metrics/metrics.ts'
import type { Credentials } from './auth.ts'
import type { RequestLogin } from './login.ts'

const reasons = { refused: 'unauthorized', throttled: 'login_throttled', busy: 'login_busy' } as const

/** Counts failed log-ins; a remembered one costs nothing more. */
export const countedLogin = (login: RequestLogin, metrics: Metrics): RequestLogin => {
  const count = (result: Credentials): Credentials => {
    if (result.kind !== 'client') metrics.add('pullgate_pull_refused_total', { reason: reasons[result.kind] })
    return result
  }
  return (request, reply, socket) => {
    const result = login(request, reply, socket)
    return result instanceof Promise ? result.then(count) : count(result)
  }
}
