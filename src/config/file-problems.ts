import type { z } from 'zod'
import { closestName } from '../../projections/values/closest-name.ts'
import { SIGNATURE_HEADER } from './leaves.ts'
import { formatPath, type Problem } from './problems.ts'

type Issue = z.core.$ZodIssue

/** Steps through defaults and optionals to the keys of the object at `path`. */
const keysAt = (schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] => {
  let at = schema as unknown as { readonly _zod: { readonly def: Record<string, unknown> } }
  const unwrap = () => {
    while ('innerType' in at._zod.def) at = at._zod.def['innerType'] as typeof at
  }
  unwrap()
  for (const part of path) {
    const def = at._zod.def
    const shape = def['shape'] as Record<string, typeof at> | undefined
    const next = typeof part === 'number' ? (def['element'] as typeof at | undefined) : shape?.[String(part)]
    if (next === undefined) return []
    at = next
    unwrap()
  }
  return Object.keys((at._zod.def['shape'] as object | undefined) ?? {})
}

const words = (issue: Issue): string => {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined && issue.message.endsWith('received undefined')
      ? 'required'
      : issue.message.replace('Invalid input: ', '')
  }
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  if (issue.code === 'invalid_value') return `expected ${issue.values.map(String).join(' or ')}`
  return issue.message
}

const BASES =
  'payable (no payment reduces a balance), net_of_direct (payments that the institute collected do) or outstanding (all payments do)'
const PAID = 'omit (paid instalments are left out) or zero (they stay, with the amount 0)'

/** Decisions that nobody but the operator can take: the message lists the choices and what they mean. */
const CHOICES: Readonly<Record<string, string>> = {
  policy: `choose balance_basis: ${BASES}, and paid_instalments: ${PAID}`,
  'policy.balance_basis': `choose ${BASES}`,
  'policy.paid_instalments': `choose ${PAID}`,
}

const withChoices = (path: string, message: string): string => {
  const choices = CHOICES[path]
  return choices === undefined || message !== 'required' ? message : `${message}; ${choices}`
}

const unknownKey = (key: string, known: readonly string[]): string => {
  const meant = closestName(key, known)
  return meant === undefined ? `unknown key (known: ${known.join(', ')})` : `unknown key, did you mean ${meant}?`
}

/** zod's issues as problems: one for each unknown key, none with a value in it. */
export const issueProblems = (schema: z.core.$ZodType, issues: readonly Issue[]): readonly Problem[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: formatPath([...issue.path, key]),
          message: unknownKey(key, keysAt(schema, issue.path)),
        }))
      : [{ path: formatPath(issue.path), message: withChoices(formatPath(issue.path), words(issue)) }],
  )

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Clients that nobody could be, and two that one signature would be, looked at in the raw value as well. */
export const loginProblems = (raw: unknown): readonly Problem[] => {
  const signing = new Map<string, number>()
  return list(field(raw, 'clients')).flatMap((client, i) => {
    const [secrets, webhook] = [field(client, 'secrets'), field(client, 'webhook')]
    const problems: Problem[] = []
    if (webhook === undefined && (secrets === undefined || (Array.isArray(secrets) && secrets.length === 0)))
      problems.push({
        path: formatPath(['clients', i, 'secrets']),
        message: 'a client without a secret or a webhook can never log in',
      })
    const secret = field(webhook, 'secret')
    if (typeof secret !== 'string') return problems
    const signature = JSON.stringify([String(field(webhook, 'header') ?? SIGNATURE_HEADER).toLowerCase(), secret])
    const first = signing.get(signature)
    if (first === undefined) signing.set(signature, i)
    else {
      const path = formatPath(['clients', i, 'webhook', 'secret'])
      problems.push({ path, message: `the same as ${formatPath(['clients', first])}` })
    }
    return problems
  })
}

/** Names that must be unique, looked at in the raw value: one wrong field elsewhere must not hide a duplicate. */
export const duplicateProblems = (raw: unknown): readonly Problem[] => {
  const problems: Problem[] = []
  const unique = (items: readonly unknown[], base: readonly PropertyKey[], key?: string) => {
    const seen = new Map<string, number>()
    items.forEach((item, i) => {
      const value = key === undefined ? item : field(item, key)
      if (typeof value !== 'string' && typeof value !== 'number') return
      const first = seen.get(String(value))
      if (first === undefined) seen.set(String(value), i)
      else {
        const path = formatPath(key === undefined ? [...base, i] : [...base, i, key])
        problems.push({ path, message: `the same as ${formatPath([...base, first])}` })
      }
    })
  }
  unique(list(field(raw, 'branches')), ['branches'], 'collector_code')
  const clients = list(field(raw, 'clients'))
  unique(clients, ['clients'], 'username')
  clients.forEach((client, i) => {
    unique(list(field(client, 'branches')), ['clients', i, 'branches'])
    unique(list(field(client, 'publish')), ['clients', i, 'publish'])
  })
  return problems
}
