import { createSecureContext, type SecureContextOptions } from 'node:tls'

type ErpSection = {
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly bearer?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly tls?:
    | { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined }
    | undefined
}
type ErpProblem = { readonly key: string; readonly message: string }

/** What is wrong with an ERP's section beyond its single keys. Values are never repeated. */
export const erpProblems = (erp: ErpSection): readonly ErpProblem[] => [...loginProblems(erp), ...tlsProblems(erp)]

const loginProblems = ({ username, password, bearer, headers }: ErpSection): readonly ErpProblem[] => {
  const problems: ErpProblem[] = []
  if (username !== undefined && password === undefined)
    problems.push({ key: 'password', message: 'required with username' })
  if (password !== undefined && username === undefined)
    problems.push({ key: 'username', message: 'required with password' })
  const isBasic = username !== undefined || password !== undefined
  if (bearer !== undefined && isBasic)
    problems.push({ key: 'bearer', message: 'username and password are set too: only one of them' })
  const names = Object.keys(headers ?? {}).map((name) => name.toLowerCase())
  if (new Set(names).size < names.length) problems.push({ key: 'headers', message: 'one header twice' })
  if (names.includes('authorization') && (isBasic || bearer !== undefined))
    problems.push({ key: 'headers', message: 'Authorization is set by username and password, or by bearer' })
  return problems
}

const tlsProblems = ({ url, tls }: ErpSection): readonly ErpProblem[] => {
  if (tls === undefined) return []
  if (!/^https:/i.test(url)) return [{ key: 'tls', message: 'has no effect with an http:// url' }]
  if ((tls.cert === undefined) !== (tls.key === undefined))
    return [{ key: `tls.${tls.cert === undefined ? 'cert' : 'key'}`, message: 'certificate and key come together' }]
  const problems = (['ca', 'cert', 'key'] as const).flatMap((part) => {
    const pem = tls[part]
    if (pem === undefined || isPem(part, pem)) return []
    const what = part === 'key' ? 'a private key' : 'certificates'
    return [{ key: `tls.${part}`, message: `expected ${what} in PEM` }]
  })
  const { cert, key } = tls
  if (problems.length > 0 || cert === undefined || key === undefined || isUsable({ cert, key })) return problems
  return [{ key: 'tls.key', message: 'not the key of tls.cert' }]
}

const isPem = (part: 'ca' | 'cert' | 'key', pem: string): boolean =>
  (part === 'key' || pem.includes('-----BEGIN CERTIFICATE-----')) && isUsable({ [part]: pem })

const isUsable = (options: SecureContextOptions): boolean => {
  try {
    createSecureContext(options)
    return true
  } catch {
    return false
  }
}
