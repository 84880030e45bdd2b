import { expect } from 'vitest'
import { errors } from '../../src/errors.ts'
import type { Answer } from './http-edge.ts'

export const ASK = '/fetch-student?identifier=S-1'
export const envelopeOf = (code: keyof typeof errors, message: string = errors[code].message) =>
  `{"status":"error","message":${JSON.stringify(message)},"code":"${code}"}`

export const expectError = (answer: Answer, code: keyof typeof errors, message?: string) => {
  expect(answer.body).toBe(envelopeOf(code, message))
  expect(answer.status).toBe(errors[code].status)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(/^[A-Za-z0-9._-]{1,128}$/),
  })
  expect(answer.headers['x-pullgate-source']).toBeUndefined()
}
