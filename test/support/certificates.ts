import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An authority of the test's own and what it signed, for 127.0.0.1 and localhost; PEM files that go with `close`. */
export type Certificates = {
  readonly ca: string
  readonly server: {
    readonly cert: string
    readonly key: string /** Key and certificate in one file. */
    readonly both: string
  }
  readonly client: { readonly cert: string; readonly key: string }
  readonly close: () => Promise<void>
}

export const makeCertificates = async (): Promise<Certificates> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-certificates-'))
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): string =>
    execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl('req', '-x509', ...key, '-subj', '/CN=test authority', '-keyout', at('ca.key'), '-out', at('ca.pem'))
  await writeFile(at('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const sign = (name: string): { cert: string; key: string } => {
    openssl(
      'req',
      '-new',
      ...key.slice(0, -2),
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    )
    const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('names')]
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...by, '-out', at(`${name}.pem`))
    return { cert: at(`${name}.pem`), key: at(`${name}.key`) }
  }
  const [server, client] = [sign('server'), sign('client')]
  await writeFile(
    at('both.pem'),
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', server.key) + execFileSync('cat', [server.cert, at('ca.pem')]),
  )
  return {
    ca: at('ca.pem'),
    server: { ...server, both: at('both.pem') },
    client,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
