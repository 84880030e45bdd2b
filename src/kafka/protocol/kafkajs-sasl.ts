/** kafkajs's own log-ins by user name and password. It does not publish them, and it reads the password once. */

import { createRequire } from 'node:module'
import type { AuthenticationProviderArgs, Authenticator } from 'kafkajs'

export type PasswordMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512'

type Login = { readonly username: string; readonly password: string }
type LoginProvider = (login: Login) => (connection: AuthenticationProviderArgs) => Authenticator

const FILES = { plain: 'plain', 'scram-sha-256': 'scram256', 'scram-sha-512': 'scram512' } as const

export const passwordLogin = (mechanism: PasswordMechanism, login: Login): ReturnType<LoginProvider> => {
  const require = createRequire(import.meta.url)
  return (require(`kafkajs/src/broker/saslAuthenticator/${FILES[mechanism]}`) as LoginProvider)(login)
}
