/** The log-in of a connection. Every connection reads its secrets again, so a rotated secret needs no restart. */

import type { Authenticator, KafkaConfig } from 'kafkajs'
import { type Credential, readCredential } from '../../credential.ts'
import { type PasswordMechanism, passwordLogin } from '../protocol/kafkajs-sasl.ts'
import { awsToken } from './aws-token.ts'
import { bearerLogin } from './bearer-login.ts'
import { type OidcClient, oidcToken } from './oidc-token.ts'
import { renewedToken, type TokenSource } from './token.ts'

export type SaslSettings =
  | { readonly mechanism: PasswordMechanism; readonly username: string; readonly password: Credential }
  | ({
      readonly mechanism: 'oauthbearer'
      readonly extensions?: Readonly<Record<string, string>>
    } & OidcClient)
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string }

export type Sasl = { readonly config: NonNullable<KafkaConfig['sasl']>; readonly close: () => void }

export const openSasl = (settings: SaslSettings): Sasl => {
  if (settings.mechanism === 'oauthbearer') return bearer(oidcToken(settings), settings.extensions ?? {})
  if (settings.mechanism === 'aws-msk-iam') return bearer(awsToken(settings.region), {})
  const { mechanism, username, password } = settings
  return {
    config: {
      mechanism,
      authenticationProvider: (connection) => ({
        authenticate: async () => {
          const login = { username, password: readCredential(password) }
          await passwordLogin(mechanism, login)(connection).authenticate()
        },
      }),
    },
    close: () => {},
  }
}

const bearer = (source: TokenSource, extensions: Readonly<Record<string, string>>): Sasl => {
  const token = renewedToken(source)
  return {
    config: {
      mechanism: 'oauthbearer',
      authenticationProvider: (connection): Authenticator => ({
        authenticate: async () => bearerLogin(connection, await token.get(), extensions),
      }),
    },
    close: token.close,
  }
}
