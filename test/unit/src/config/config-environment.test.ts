import { expect, test } from 'vitest'
import { parseEnvironment } from '../../../../src/config/environment.ts'
import type { Problem } from '../../../../src/config/problems.ts'
import { parseRedisUrl } from '../../../../src/config/redis-url.ts'

const noFile = (path: string): string => {
  throw Object.assign(new Error(path), { code: 'ENOENT' })
}
const read = (env: Record<string, string>, readFile = noFile) => {
  const problems: Problem[] = []
  const environment = parseEnvironment({ env, readFile }, problems)
  return { environment, problems: problems.map(({ path, message }) => `${path}: ${message}`) }
}
const BOTH = { KAFKA_BROKERS: 'k1:9092,[::1]:9093', REDIS_URL: 'redis://r' }

test('with nothing set there are no servers, and the ports are the usual ones', () => {
  expect(read({})).toEqual({
    environment: {
      servers: null,
      http: { host: '0.0.0.0', port: 8080, metrics_host: '0.0.0.0', metrics_port: 9090 },
      log_level: 'info',
      tracing: false,
    },
    problems: [],
  })
})

test('the metrics port listens where HOST says, unless METRICS_HOST says otherwise', () => {
  const hosts = (env: Record<string, string>) => read(env).environment.http
  expect(hosts({ HOST: '10.0.0.1' })).toMatchObject({ host: '10.0.0.1', metrics_host: '10.0.0.1' })
  expect(hosts({ METRICS_HOST: '127.0.0.1' })).toMatchObject({ host: '0.0.0.0', metrics_host: '127.0.0.1' })
})

test('an empty variable is an unset one', () => {
  expect(read({ KAFKA_BROKERS: '', REDIS_URL: '', PORT: '', LOG_LEVEL: '' }).problems).toEqual([])
})

test.each([
  ['KAFKA_BROKERS', 'REDIS_URL'],
  ['REDIS_URL', 'KAFKA_BROKERS'],
] as const)('%s without %s is a problem', (given, missing) => {
  expect(read({ [given]: BOTH[given] }).problems).toEqual([
    expect.stringContaining(`${missing}: required with ${given}`),
  ])
})

test('TLS and SASL come from the environment: certificates and the password as the files that hold them', () => {
  const files: Record<string, string> = { '/ca': 'CA\n', '/cert': 'CERT\n', '/key': 'KEY\n', '/pw': ' s3cret \n' }
  const { environment, problems } = read(
    {
      ...BOTH,
      KAFKA_SSL: 'true',
      KAFKA_CA_FILE: '/ca',
      KAFKA_CERT_FILE: '/cert',
      KAFKA_KEY_FILE: '/key',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD_FILE: '/pw',
    },
    (path) => files[path]!,
  )
  expect(problems).toEqual([])
  expect(environment.servers?.kafka).toEqual({
    brokers: ['k1:9092', '[::1]:9093'],
    ssl: { ca: '/ca', cert: '/cert', key: '/key' },
    sasl: { mechanism: 'scram-sha-512', username: 'u', password: { file: '/pw' } },
  })
})

test('everything that is wrong is told at once, without the values', () => {
  const { problems } = read({
    KAFKA_BROKERS: 'k1,k2:9092',
    REDIS_URL: 'http://:hunter2@r',
    KAFKA_SSL: 'yes',
    KAFKA_CERT_FILE: '/none',
    KAFKA_SASL_MECHANISM: 'gssapi',
    KAFKA_SASL_PASSWORD: 'hunter2',
    PORT: '70000',
    METRICS_PORT: 'x',
    LOG_LEVEL: 'loud',
  })
  expect(problems).toEqual([
    'PORT: expected a port, 0 to 65535',
    'METRICS_PORT: expected a port, 0 to 65535',
    'REDIS_URL: expected redis://, rediss:// or redis+sentinel://',
    'KAFKA_SASL_MECHANISM: expected plain or scram-sha-256 or scram-sha-512 or oauthbearer or aws-msk-iam',
    'KAFKA_BROKERS: expected host:port, or several with commas between them',
    'KAFKA_SSL: expected true or false',
    'KAFKA_CERT_FILE: has no effect unless KAFKA_SSL is true',
    'KAFKA_CERT_FILE: cannot read the file /none (ENOENT)',
    'KAFKA_KEY_FILE: certificate and key come together',
    'LOG_LEVEL: expected fatal or error or warn or info or debug or trace or silent',
  ])
})

test.each<[Record<string, string>, string]>([
  [{ KAFKA_SASL_USERNAME: 'u' }, 'KAFKA_SASL_MECHANISM'],
  [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' }, 'KAFKA_SASL_PASSWORD'],
  [
    {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'x',
      KAFKA_SASL_PASSWORD_FILE: '/x',
    },
    'KAFKA_SASL_PASSWORD',
  ],
  [{ PORT: '9090' }, 'METRICS_PORT'],
])('%o is a problem of %s', (env, path) => {
  expect(read({ ...BOTH, ...env }, () => 'x').problems.map((line) => line.split(':')[0])).toEqual([path])
})

const OAUTH = {
  KAFKA_SASL_MECHANISM: 'oauthbearer',
  KAFKA_SASL_OAUTH_TOKEN_ENDPOINT: 'https://login.example/token',
  KAFKA_SASL_OAUTH_CLIENT_ID: 'pullgate',
  KAFKA_SASL_OAUTH_CLIENT_SECRET: 's3cret',
}

test('OAUTHBEARER comes from the environment, with its scope and its extensions', () => {
  const more = {
    KAFKA_SASL_OAUTH_SCOPE: 'kafka openid',
    KAFKA_SASL_OAUTH_EXTENSIONS: 'logicalCluster=lkc-abc, identityPoolId=pool=1',
  }
  const { environment, problems } = read({ ...BOTH, ...OAUTH, ...more })
  expect(problems).toEqual([])
  expect(environment.servers?.kafka.sasl).toEqual({
    mechanism: 'oauthbearer',
    tokenEndpoint: 'https://login.example/token',
    clientId: 'pullgate',
    clientSecret: { value: 's3cret' },
    scope: 'kafka openid',
    extensions: { logicalCluster: 'lkc-abc', identityPoolId: 'pool=1' },
  })
})

test('the IAM of AWS needs a region alone', () => {
  const { environment, problems } = read({
    ...BOTH,
    KAFKA_SASL_MECHANISM: 'aws-msk-iam',
    KAFKA_SASL_AWS_REGION: 'ap-south-1',
  })
  expect(problems).toEqual([])
  expect(environment.servers?.kafka.sasl).toEqual({ mechanism: 'aws-msk-iam', region: 'ap-south-1' })
})

test.each<[Record<string, string>, string]>([
  [{ KAFKA_SASL_MECHANISM: 'aws-msk-iam' }, 'KAFKA_SASL_AWS_REGION: required with KAFKA_SASL_MECHANISM'],
  [{ KAFKA_SASL_AWS_REGION: 'x' }, 'KAFKA_SASL_MECHANISM: required with KAFKA_SASL_AWS_REGION'],
  [{ ...OAUTH, KAFKA_SASL_USERNAME: 'u' }, 'KAFKA_SASL_USERNAME: has no effect with oauthbearer'],
  [{ ...OAUTH, KAFKA_SASL_OAUTH_EXTENSIONS: 'logicalCluster' }, 'KAFKA_SASL_OAUTH_EXTENSIONS: expected name=value'],
  [{ ...OAUTH, KAFKA_SASL_OAUTH_EXTENSIONS: 'auth=x' }, 'KAFKA_SASL_OAUTH_EXTENSIONS: expected name=value'],
  [
    { ...OAUTH, KAFKA_SASL_OAUTH_TOKEN_ENDPOINT: 'https://u:p@login.example' },
    'KAFKA_SASL_OAUTH_TOKEN_ENDPOINT: expected an http:// or https:// URL without credentials',
  ],
  [
    { ...OAUTH, KAFKA_SASL_OAUTH_CLIENT_SECRET: '' },
    'KAFKA_SASL_OAUTH_CLIENT_SECRET: required with KAFKA_SASL_MECHANISM (or KAFKA_SASL_OAUTH_CLIENT_SECRET_FILE)',
  ],
])('%o has one problem, told without the value', (env, problem) => {
  expect(read({ ...BOTH, ...env }).problems).toEqual([expect.stringContaining(problem)])
})

test('the log-in to Redis may stand apart from its URL', () => {
  const env = { REDIS_URL: 'rediss://r', REDIS_USERNAME: 'pullgate', REDIS_PASSWORD_FILE: '/pw' }
  const { environment, problems } = read({ ...BOTH, ...env }, () => 's3cret\n')
  expect(problems).toEqual([])
  expect(environment.servers?.redis).toEqual({
    kind: 'single',
    tls: true,
    db: 0,
    host: 'r',
    port: 6379,
    username: { value: 'pullgate' },
    password: { file: '/pw' },
  })
})

test.each<[Record<string, string>, string]>([
  [{ REDIS_URL: 'redis://:x@r', REDIS_PASSWORD: 'y' }, 'REDIS_URL: it has what REDIS_PASSWORD gives too'],
  [{ REDIS_URL: 'redis://u:x@r', REDIS_USERNAME: 'y' }, 'REDIS_URL: it has what REDIS_USERNAME gives too'],
  [{ REDIS_USERNAME: 'y' }, 'REDIS_PASSWORD: required with REDIS_USERNAME'],
  [{ REDIS_PASSWORD: 'y', REDIS_PASSWORD_FILE: '/pw' }, 'REDIS_PASSWORD: REDIS_PASSWORD_FILE is set too'],
])('%o is a problem of the log-in to Redis', (env, problem) => {
  expect(read({ ...BOTH, ...env }, () => 'z').problems).toEqual([expect.stringContaining(problem)])
})

const node = (host: string, port: number) => ({ host, port })
test.each<[string, object]>([
  ['redis://r', { kind: 'single', tls: false, db: 0, host: 'r', port: 6379 }],
  [
    'rediss://u:p%40w@r:7000/3',
    { kind: 'single', tls: true, db: 3, host: 'r', port: 7000, username: { value: 'u' }, password: { value: 'p@w' } },
  ],
  [
    'redis://:pw@[::1]:6380/',
    { kind: 'single', tls: false, db: 0, host: '::1', port: 6380, password: { value: 'pw' } },
  ],
  ['redis://a:1,b:2', { kind: 'cluster', tls: false, nodes: [node('a', 1), node('b', 2)] }],
  [
    'rediss://:pw@a,rediss://b:2',
    { kind: 'cluster', tls: true, nodes: [node('a', 6379), node('b', 2)], password: { value: 'pw' } },
  ],
  ['redis://a:1/,redis://b:2/', { kind: 'cluster', tls: false, nodes: [node('a', 1), node('b', 2)] }],
  [
    'redis+sentinel://s1,s2:5/mymaster',
    { kind: 'sentinel', sentinels: [node('s1', 26379), node('s2', 5)], name: 'mymaster', db: 0 },
  ],
  [
    'redis+sentinel://:pw@s1/m/2',
    { kind: 'sentinel', sentinels: [node('s1', 26379)], name: 'm', db: 2, password: { value: 'pw' } },
  ],
])('%s is understood', (url, target) => {
  expect(parseRedisUrl(url)).toEqual({ ok: true, target })
})

test.each([
  'r:6379',
  'redis://',
  'redis://r:0',
  'redis://r/x',
  'redis://a,b/1',
  'redis://a,rediss://b',
  'redis+sentinel://s',
  'redis://:%zz@r',
  'redis://r/0/1',
  '',
])('%s is not', (url) => {
  expect(parseRedisUrl(url)).toMatchObject({ ok: false })
})
