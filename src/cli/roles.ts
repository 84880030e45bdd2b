import type { Register } from './command/cli.ts'
import { runRole } from './run-role.ts'

const ROLES = [
  ['gateway', 'answers pulls'],
  ['projector', 'folds the event log into the projection'],
  ['all', 'gateway and projector in one process'],
] as const

export const roles: Register = (cli) => {
  for (const [role, description] of ROLES)
    cli
      .command(role, description, [`npx pullgate ${role} --config pullgate.yaml`])
      .action(cli.run(() => runRole(role, cli.globals()), true))
}
