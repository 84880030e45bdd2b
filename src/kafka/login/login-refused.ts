/** Another attempt with the same credentials would not help. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused'
}

/** This adapter's refusal, or kafkajs's error for user name and password. */
export const isLoginRefused = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'LoginRefused' || error.name === 'KafkaJSSASLAuthenticationError')
