import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { liveConfig } from '../../../../src/config/live.ts'
import { configFile, loadConfig } from '../../../../src/config/load.ts'
import { formatPath, formatProblems } from '../../../../src/config/problems.ts'

const HASH = `scrypt$16$8$1$${'a'.repeat(22)}$${'b'.repeat(43)}`
const POLICY = 'policy: { balance_basis: payable, paid_instalments: zero }'

const load = (yaml: string, env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  loadConfig({
    file: 'pullgate.yaml',
    env,
    readFile: (path) => {
      const text = path === 'pullgate.yaml' ? yaml : files[path]
      if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
      return text
    },
  })

const problemsOf = (yaml: string, env: Record<string, string> = {}, files: Record<string, string> = {}) => {
  const result = load(yaml, env, files)
  return result.ok ? [] : formatProblems(result.problems).split('\n')
}

const configOf = (yaml: string, env: Record<string, string> = {}, files: Record<string, string> = {}) => {
  const result = load(yaml, env, files)
  if (!result.ok) throw new Error(formatProblems(result.problems))
  return result.config
}

test('with the policy alone everything else has its default', () => {
  expect(configOf(POLICY)).toEqual({
    timezone: 'Asia/Kolkata',
    topic: { name: 'erp.student-events', partitions: 16 },
    policy: {
      balance_basis: 'payable',
      paid_instalments: 'zero',
      pending_payments: 'count',
      several_years: 'latest',
    },
    freshness: { mode: 'strict', wait_ms: 250, bound_ms: 2000 },
    last_known_good: { max_age_ms: 0 },
    pull: { path: '/fetch-student', deadline_ms: 12_000 },
    answers: { record: false, retention_days: 400, watch_hours: 48 },
    branches: [],
    clients: [],
    embedded: { path: './pullgate.db' },
    servers: null,
    http: { host: '0.0.0.0', port: 8080, metrics_host: '0.0.0.0', metrics_port: 9090, trusted_proxies: [] },
    log_level: 'info',
    tracing: false,
  })
})

test('the example file is valid, once its secrets are there', () => {
  const text = readFileSync(new URL('../../../../pullgate.example.yaml', import.meta.url), 'utf8')
  const config = configOf(
    text,
    { ERP_PASSWORD: 'x', JODO_SECRET: HASH, ERP_BLR_SECRET: HASH, FRAPPE_WEBHOOK_SECRET: 'f' },
    { '/run/secrets/blr': 'y\n' },
  )
  expect(config.erp?.password).toBe('x')
  expect(config.branches[0]?.erp).toMatchObject({ password: 'y', timeout_ms: 4000, max_concurrent: 20, probe: 'on' })
})

test.each(['off', 'false', 'on', 'true'])('an ERP’s probe may be %s', (written) => {
  const config = configOf(`${POLICY}\nerp: { url: https://erp.example.edu, probe: ${written} }`)
  expect(String(config.erp?.probe)).toBe(written)
})

test('trusted proxies are address blocks, and a reload replaces them', () => {
  const withProxies = (list: string) => `${POLICY}\nhttp: { trusted_proxies: ${list} }`
  const blocks = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1']
  expect(configOf(withProxies(JSON.stringify(blocks))).http.trusted_proxies).toEqual(blocks)
  const live = liveConfig(configOf(POLICY))
  expect(live.replace(configOf(withProxies('["10.0.0.0/8"]')))).toEqual({ ignored: [] })
  expect(live.current().http).toMatchObject({ port: 8080, trusted_proxies: ['10.0.0.0/8'] })
  const bad = '[10.0.0.0/33, "fd00::/129", proxy.example.edu, 10.0.0.0/8/8, "10.0.0.0/"]'
  expect(problemsOf(withProxies(bad))).toEqual(
    [0, 1, 2, 3, 4].map((n) => `http.trusted_proxies[${n}]: expected an address block like 10.0.0.0/8`),
  )
})

test('the policy has no defaults', () => {
  expect(problemsOf('')).toEqual([
    expect.stringMatching(
      /^policy: required; choose balance_basis: payable \(.*net_of_direct \(.*outstanding \(.*paid_instalments: omit \(.*zero \(/,
    ),
  ])
  expect(problemsOf('policy: {}')).toEqual([
    'policy.balance_basis: expected payable or net_of_direct or outstanding',
    'policy.paid_instalments: expected omit or zero',
  ])
})

test('everything that is wrong is told at once, with its path and without its value', () => {
  const problems = problemsOf(
    `
timezone: Mars/Olympus
topic: { name: "a b", partitions: 0 }
policy: { balance_basis: hunter2, paid_instalments: omit }
freshnes: { mode: strict }
pull: { path: fetch, deadline_ms: 15000 }
erp: { url: "https://u:hunter2@erp.example", username: "a:b", password: hunter2, breaker: { eror_percent: 101, volume: "20" } }
branches:
  - { collector_code: "1", heartbeat: { max_age_ms: 5 } }
  - { collector_code: 1, erp: { url: ftp://x, username: x, password: "env:NOPE" } }
clients:
  - { username: jodo, secrets: ["hunter2", "env:NOPE"], branches: none }
  - { username: jodo, secrets: [], publish: [/pullgate/operator], rate_limit: { per_second: 0.5 } }
`,
    { PORT: 'x' },
  )
  expect(problems.join('\n')).not.toContain('hunter2')
  expect(problems.map((line) => line.split(': ')[0]).sort()).toEqual(
    [
      'timezone',
      'topic.name',
      'topic.partitions',
      'policy.balance_basis',
      'freshnes',
      'pull.path',
      'pull.deadline_ms',
      'erp.url',
      'erp.username',
      'erp.password',
      'erp.breaker.eror_percent',
      'erp.breaker.volume',
      'branches[0].heartbeat.source',
      'branches[1].collector_code',
      'branches[1].erp.url',
      'branches[1].erp.password',
      'clients[0].secrets[0]',
      'clients[0].secrets[1]',
      'clients[0].branches',
      'clients[1].username',
      'clients[1].secrets',
      'clients[1].publish[0]',
      'clients[1].rate_limit.per_second',
      'PORT',
    ].sort(),
  )
  expect(problems).toContain('freshnes: unknown key, did you mean freshness?')
  expect(problems).toContain('erp.breaker.eror_percent: unknown key, did you mean error_percent?')
  expect(problems).toContain('branches[1].erp.password: the environment variable NOPE is not set')
})

test.each([['/'], ['/a/'], ['//a'], ['/a//b'], ['/a?b'], ['/a:b'], ['/*'], ['/a%20b'], ['/../a'], ['/events']])(
  'the pull path %s is a problem',
  (path) => {
    expect(problemsOf(`${POLICY}\npull: { path: "${path}" }`)).toEqual([expect.stringMatching(/^pull\.path: /)])
  },
)

test('a wait that leaves no time for an answer is a problem', () => {
  expect(problemsOf(`${POLICY}\npull: { deadline_ms: 200 }`)).toEqual([expect.stringMatching(/^freshness\.wait_ms: /)])
})

test.each(['__proto__', 'constructor', 'toString'])('the key %s is as unknown as any', (key) => {
  expect(problemsOf(`${POLICY}\n${key}: { timezone: UTC }`)).toEqual([expect.stringMatching(`^${key}: unknown key`)])
})

test('a code may be written as a number, and keeps its zeros', () => {
  const yaml = `${POLICY}\nbranches: [{ collector_code: 007 }, { collector_code: 7 }, { collector_code: 2026 }]`
  expect(configOf(yaml).branches.map((branch) => branch.collector_code)).toEqual(['007', '7', '2026'])
})

test('a secret from a file loses one last newline and no more', () => {
  const erp = (files: Record<string, string>) =>
    configOf(`${POLICY}\nerp: { url: "http://x", username: u, password: "file:/s" }`, {}, files).erp?.password
  expect(erp({ '/s': ' a b \n' })).toBe(' a b ')
  expect(erp({ '/s': 'a\n\n' })).toBe('a\n')
  expect(erp({ '/s': 'a\r\n' })).toBe('a')
})

test.each([
  ['file:/missing', 'cannot read the file /missing (ENOENT)'],
  ['file:relative', 'file: needs an absolute path'],
  ['file:/empty', 'the file /empty is empty'],
  ['env:', 'env: needs the name of an environment variable'],
  ['env:EMPTY', 'the environment variable EMPTY is not set'],
  ['hunter2', 'a secret does not belong here: name it with env:NAME or file:/path'],
])('the secret %s is a problem', (secret, message) => {
  const yaml = `${POLICY}\nerp: { url: "http://x", username: u, password: "${secret}" }`
  expect(problemsOf(yaml, { EMPTY: '' }, { '/empty': '\n' })).toEqual([`erp.password: ${message}`])
})

test('a hash may stand in the file itself or be named', () => {
  const yaml = `${POLICY}\nclients: [{ username: a, secrets: ["${HASH}", "env:H", "file:/h"] }]`
  expect(configOf(yaml, { H: HASH }, { '/h': `${HASH}\n` }).clients[0]?.secrets).toEqual([HASH, HASH, HASH])
  expect(problemsOf(yaml, { H: 'hunter2' }, { '/h': `${HASH}\n` })).toEqual([
    'clients[0].secrets[1]: expected scrypt$… as made by `pullgate hash-secret`',
  ])
})

test('a file that is not there is a problem beside those of the environment', () => {
  const result = loadConfig({
    file: '/none',
    env: { PORT: 'x' },
    readFile: () => {
      throw Object.assign(new Error('no'), { code: 'ENOENT' })
    },
  })
  expect(!result.ok && formatProblems(result.problems).split('\n')).toEqual([
    'no configuration: /none does not exist (ENOENT); "pullgate init" writes a first one',
    'PORT: expected a port, 0 to 65535',
  ])
})

test('the configuration is frozen through and through', () => {
  const config = configOf(`${POLICY}\nclients: [{ username: a, secrets: ["${HASH}"], branches: [x] }]`)
  expect(Object.isFrozen(config) && Object.isFrozen(config.clients[0]?.branches)).toBe(true)
})

test('the file is the one of the option, else of the environment, else pullgate.yaml', () => {
  expect(configFile('a', { PULLGATE_CONFIG: 'b' })).toBe('a')
  expect(configFile(undefined, { PULLGATE_CONFIG: 'b' })).toBe('b')
  expect(configFile(undefined, { PULLGATE_CONFIG: '' })).toBe('pullgate.yaml')
})

test('a reload takes over clients, branches and ERPs, and names what stays as it was', () => {
  const erp = (timeout: number) => `erp: { url: "http://x", username: u, password: "env:P", timeout_ms: ${timeout} }`
  const live = liveConfig(configOf(`${POLICY}\n${erp(1000)}`, { P: 'x' }))
  const next = configOf(`${POLICY}\ntimezone: UTC\n${erp(2000)}\nclients: [{ username: a, secrets: ["${HASH}"] }]`, {
    P: 'x',
  })
  expect(live.replace(next)).toEqual({ ignored: ['timezone'] })
  expect(live.current()).toMatchObject({
    timezone: 'Asia/Kolkata',
    erp: { timeout_ms: 2000 },
    clients: [{ username: 'a' }],
  })
  expect(live.replace(configOf(POLICY))).toEqual({ ignored: [] })
  expect(live.current().erp).toBeUndefined()
})

test('a path reads as in the file', () => {
  expect(formatPath(['clients', 1, 'secrets', 0])).toBe('clients[1].secrets[0]')
  expect(formatPath(['a', 'b c'])).toBe('a["b c"]')
})
