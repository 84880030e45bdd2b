import { expect, test } from 'vitest'
import { loadConfig } from '../../../../src/config/load.ts'

const load = (clients: string) =>
  loadConfig({
    file: 'pullgate.yaml',
    env: { SIGNING: 'key' },
    readFile: () => `policy: { balance_basis: payable, paid_instalments: zero }\nclients: [${clients}]`,
  })

const problemsOf = (clients: string): readonly string[] => {
  const result = load(clients)
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)
}

test('a client with a webhook needs no secret of its own, and signs in Frappe’s header unless told', () => {
  const result = load('{ username: a, webhook: { secret: "env:SIGNING" } }')
  expect(result.ok && result.config.clients[0]).toMatchObject({
    secrets: [],
    webhook: { header: 'X-Frappe-Webhook-Signature', secret: 'key' },
  })
})

test.each([
  ['{ username: a }', 'clients[0].secrets: a client without a secret or a webhook can never log in'],
  [
    '{ username: a, webhook: { secret: hunter2 } }',
    'clients[0].webhook.secret: a secret does not belong here: name it with env:NAME or file:/path',
  ],
  [
    '{ username: a, webhook: { secret: "env:SIGNING", header: Authorization } }',
    'clients[0].webhook.header: a header that HTTP itself uses',
  ],
  [
    '{ username: a, webhook: { secret: "env:SIGNING", header: "X Y" } }',
    'clients[0].webhook.header: expected the name of an HTTP header',
  ],
  [
    '{ username: a, webhook: { secret: "env:SIGNING" } }, { username: b, webhook: { header: x-frappe-webhook-signature, secret: "env:SIGNING" } }',
    'clients[1].webhook.secret: the same as clients[0]',
  ],
])('%s is a problem', (clients, problem) => {
  expect(problemsOf(clients)).toEqual([problem])
})
