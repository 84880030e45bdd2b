import { LoginRefused } from './login-refused.ts'
import type { TokenSource } from './token.ts'

const PACKAGE = 'aws-msk-iam-sasl-signer-js'

type Signer = {
  readonly generateAuthToken: (options: {
    readonly region: string
  }) => Promise<{ readonly token: string; readonly expiryTime: number }>
}

/** It has 75 dependencies, so it is installed separately and loaded only where it is configured. */
const loadSigner = async (): Promise<Signer> => {
  try {
    return (await import(PACKAGE)) as Signer
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new LoginRefused(`aws-msk-iam needs a package that is not installed: npm install ${PACKAGE}`)
  }
}

/** A signed URL of Amazon MSK as a token; the credentials come from the places that AWS's own tools use. */
export const awsToken =
  (region: string): TokenSource =>
  async () => {
    const { generateAuthToken } = await loadSigner()
    const { token, expiryTime } = await generateAuthToken({ region }).catch((error: unknown) => {
      throw new Error(`AWS gives no credentials (${(error as Error).name})`, { cause: error })
    })
    return { value: token, endsAtMs: expiryTime }
  }
