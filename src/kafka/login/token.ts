/** A bearer token and its end by this machine's clock. */
export type Token = { readonly value: string; readonly endsAtMs: number }

export type TokenSource = () => Promise<Token>

/**
 * A session ends with its token and is renewed 10 s before. A token with less time would be renewed again at once; half
 * of a short token's life is enough.
 */
const MARGIN_MS = 30_000

/**
 * Keeps one token and requests the next before it ends, never two at once. After the first connection the next token is
 * fetched in the background, so that no pull waits for the token endpoint.
 */
export const renewedToken = (fetchToken: TokenSource, now: () => number = Date.now) => {
  let token: { readonly value: string; readonly endsAtMs: number; readonly renewAtMs: number } | null = null
  let fetching: Promise<Token> | null = null
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const renew = (): Promise<Token> => {
    fetching ??= fetchToken()
      .then((next) => {
        const lifeMs = Math.max(next.endsAtMs - now(), 0)
        token = { ...next, renewAtMs: next.endsAtMs - Math.min(MARGIN_MS, lifeMs / 2) }
        return next
      })
      .finally(() => {
        fetching = null
      })
    return fetching
  }

  const schedule = (): void => {
    if (closed || timer !== null || token === null) return
    timer = setTimeout(
      () => {
        timer = null
        // After a failure the next connection requests a token and reports the error.
        renew().then(schedule, () => {})
      },
      Math.max(token.renewAtMs - now(), 1000),
    ).unref()
  }

  return {
    get: async (): Promise<string> => {
      const { value } = token !== null && now() < token.renewAtMs ? token : await renew()
      schedule()
      return value
    },
    close: (): void => {
      closed = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}
