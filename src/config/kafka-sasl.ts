import type { Credential } from '../credential.ts'
import { type EnvironmentReader, readChoice, readCredentialName } from './environment-reader.ts'

const PASSWORD_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
type PasswordMechanism = (typeof PASSWORD_MECHANISMS)[number]
const MECHANISMS = [...PASSWORD_MECHANISMS, 'oauthbearer', 'aws-msk-iam'] as const
type Mechanism = (typeof MECHANISMS)[number]

/** How Kafka is logged in to. */
export type SaslTarget =
  | { readonly mechanism: PasswordMechanism; readonly username: string; readonly password: Credential }
  | {
      /** A token of an OIDC provider, by client credentials. */
      readonly mechanism: 'oauthbearer'
      readonly tokenEndpoint: string
      readonly clientId: string
      readonly clientSecret: Credential
      readonly scope?: string
      readonly extensions: Readonly<Record<string, string>>
    }
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string }

const PASSWORD_VARIABLES = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE']
const OAUTH_VARIABLES = [
  'KAFKA_SASL_OAUTH_TOKEN_ENDPOINT',
  'KAFKA_SASL_OAUTH_CLIENT_ID',
  'KAFKA_SASL_OAUTH_CLIENT_SECRET',
  'KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE',
  'KAFKA_SASL_OAUTH_SCOPE',
  'KAFKA_SASL_OAUTH_EXTENSIONS',
]
const AWS_VARIABLES = ['KAFKA_SASL_AWS_REGION']

const variablesOf = (mechanism: Mechanism): readonly string[] => {
  if (mechanism === 'oauthbearer') return OAUTH_VARIABLES
  return mechanism === 'aws-msk-iam' ? AWS_VARIABLES : PASSWORD_VARIABLES
}

export const readSasl = (read: EnvironmentReader): SaslTarget | undefined => {
  const mechanism = readChoice(read, 'KAFKA_SASL_MECHANISM', MECHANISMS) as Mechanism | undefined
  const given = [...PASSWORD_VARIABLES, ...OAUTH_VARIABLES, ...AWS_VARIABLES].filter(
    (name) => read.text(name) !== undefined,
  )
  if (mechanism === undefined) {
    if (given.length > 0 && read.text('KAFKA_SASL_MECHANISM') === undefined)
      read.problem('KAFKA_SASL_MECHANISM', `required with ${given[0]}`)
    return undefined
  }
  const own = variablesOf(mechanism)
  for (const name of given) if (!own.includes(name)) read.problem(name, `has no effect with ${mechanism}`)
  if (mechanism === 'oauthbearer') return readOauth(read)
  return mechanism === 'aws-msk-iam' ? readAws(read) : readPassword(read, mechanism)
}

const required = (read: EnvironmentReader, name: string): string | undefined =>
  read.text(name) ?? read.problem(name, 'required with KAFKA_SASL_MECHANISM')

const requiredCredential = (read: EnvironmentReader, literal: string, file: string): Credential | undefined => {
  if (read.text(literal) === undefined && read.text(file) === undefined)
    return read.problem(literal, `required with KAFKA_SASL_MECHANISM (or ${file})`)
  return readCredentialName(read, { literal, file })
}

const readPassword = (read: EnvironmentReader, mechanism: PasswordMechanism): SaslTarget | undefined => {
  const username = required(read, 'KAFKA_SASL_USERNAME')
  const password = requiredCredential(read, 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_PASSWORD_FILE')
  return username !== undefined && password !== undefined ? { mechanism, username, password } : undefined
}

const readAws = (read: EnvironmentReader): SaslTarget | undefined => {
  const region = required(read, 'KAFKA_SASL_AWS_REGION')
  return region === undefined ? undefined : { mechanism: 'aws-msk-iam', region }
}

const readOauth = (read: EnvironmentReader): SaslTarget | undefined => {
  const tokenEndpoint = required(read, 'KAFKA_SASL_OAUTH_TOKEN_ENDPOINT')
  const clientId = required(read, 'KAFKA_SASL_OAUTH_CLIENT_ID')
  const [literal, file] = ['KAFKA_SASL_OAUTH_CLIENT_SECRET', 'KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE']
  const clientSecret = requiredCredential(read, literal!, file!)
  const scope = read.text('KAFKA_SASL_OAUTH_SCOPE')
  const extensions = readExtensions(read)
  if (tokenEndpoint !== undefined && !isEndpoint(tokenEndpoint))
    return read.problem('KAFKA_SASL_OAUTH_TOKEN_ENDPOINT', 'expected an http:// or https:// URL without credentials')
  if (tokenEndpoint === undefined || clientId === undefined || clientSecret === undefined || extensions === undefined)
    return undefined
  return {
    mechanism: 'oauthbearer',
    tokenEndpoint,
    clientId,
    clientSecret,
    ...(scope !== undefined && { scope }),
    extensions,
  }
}

const isEndpoint = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/** As the protocol has them: names of letters, printable values, and no `auth`, which is the token's own. */
const readExtensions = (read: EnvironmentReader): Readonly<Record<string, string>> | undefined => {
  const text = read.text('KAFKA_SASL_OAUTH_EXTENSIONS')
  if (text === undefined) return {}
  const pairs = text.split(',').map((pair) => /^([A-Za-z]+)=([\x20-\x7e\t\r\n]+)$/.exec(pair.trim()))
  if (pairs.includes(null) || pairs.some((pair) => pair?.[1] === 'auth'))
    return read.problem('KAFKA_SASL_OAUTH_EXTENSIONS', 'expected name=value, or several with commas between them')
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]))
}
