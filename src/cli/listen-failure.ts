import type { Config } from '../config/load.ts'
import { CliFailure } from './command/failure.ts'
import { portOwner } from './port-owner.ts'

/** Why a port cannot be listened on, in one line that names the variable to change; any other error as it is. */
export const listenFailure = (error: unknown, { http }: Pick<Config, 'http'>): unknown => {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return error
  const { code, port } = error as Error & { readonly code?: string; readonly port?: number }
  const isMetrics = port === http.metrics_port
  const [variable, host, hostVariable] = isMetrics
    ? ['METRICS_PORT', http.metrics_host, 'METRICS_HOST']
    : ['PORT', http.host, 'HOST']
  const at = `cannot listen on ${host}:${port}`
  switch (code) {
    case 'EADDRINUSE': {
      const owner = portOwner(port ?? 0)
      return new CliFailure(
        `${at}: the port is taken${owner === null ? '' : ` by ${owner}`}; set ${variable} to a free one`,
      )
    }
    case 'EACCES':
      return new CliFailure(`${at}: this user may not; set ${variable} to one from 1024 up`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CliFailure(`${at}: this machine does not have that address; set ${hostVariable}`)
    default:
      return new CliFailure(`${at} (${code}); set ${variable} or ${hostVariable}`)
  }
}
