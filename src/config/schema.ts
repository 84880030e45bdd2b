import { z } from 'zod'
import { erpProblems } from './erp-problems.ts'
import {
  answersKey,
  cidr,
  code,
  count,
  hashedSecret,
  headerName,
  headerValue,
  httpUrl,
  milliseconds,
  onOff,
  percent,
  pullPath,
  requestHeader,
  SIGNATURE_HEADER,
  secret,
  source,
  timezone,
  topicName,
  username,
} from './leaves.ts'
import type { SecretSources } from './secrets.ts'

/** The partner gives up after 15 s; an answer must have left before that. */
const partnerPatienceMs = 15_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * The YAML file, key for key. Every other key is a problem. This schema is the only description of the configuration:
 * its output is the type, its defaults are the defaults, and docs/configuration.md is held to it.
 */
export const fileSchema = (sources: SecretSources) => {
  const breaker = z.strictObject({
    error_percent: percent.default(50),
    volume: count(10_000).default(20),
    reset_ms: milliseconds(hourMs).default(10_000),
  })

  const erp = z
    .strictObject({
      url: httpUrl,
      username: username.optional(),
      password: secret(sources).optional(),
      bearer: headerValue(secret(sources)).optional(),
      headers: z.record(requestHeader, headerValue(secret(sources))).optional(),
      tls: z
        .strictObject({
          ca: secret(sources).optional(),
          cert: secret(sources).optional(),
          key: secret(sources).optional(),
        })
        .optional(),
      timeout_ms: milliseconds(partnerPatienceMs - 1).default(4_000),
      max_concurrent: count(10_000).default(20),
      probe: onOff.default('on'),
      breaker: breaker.prefault({}),
    })
    .superRefine((section, ctx) => {
      for (const { key, message } of erpProblems(section))
        ctx.addIssue({ code: 'custom', path: key.split('.'), message })
    })

  const branch = z.strictObject({
    collector_code: code,
    heartbeat: z.strictObject({ source, max_age_ms: milliseconds(7 * dayMs).default(30_000) }).optional(),
    erp: erp.optional(),
  })

  const webhook = z.strictObject({
    header: headerName.default(SIGNATURE_HEADER),
    secret: secret(sources),
  })

  const client = z.strictObject({
    username,
    secrets: z.array(hashedSecret(sources)).max(16).default([]),
    branches: z
      .union([z.literal('all'), z.array(code).min(1, 'leave the key out for a client that does not pull')], {
        error: 'expected all, or a list of collector_codes',
      })
      .optional(),
    publish: z
      .array(source.refine((name) => name !== '/pullgate/operator', '/pullgate/operator cannot be published as'))
      .default([]),
    webhook: webhook.optional(),
    rate_limit: z.strictObject({ per_second: count(1_000_000) }).optional(),
  })

  return z.strictObject({
    timezone: timezone.default('Asia/Kolkata'),
    topic: z
      .strictObject({ name: topicName.default('erp.student-events'), partitions: count(1_024).default(16) })
      .prefault({}),
    policy: z.strictObject({
      balance_basis: z.enum(['payable', 'net_of_direct', 'outstanding']),
      paid_instalments: z.enum(['omit', 'zero']),
      pending_payments: z.enum(['count', 'ignore']).default('count'),
      several_years: z.enum(['latest', 'ambiguous']).default('latest'),
    }),
    freshness: z
      .strictObject({
        mode: z.enum(['strict', 'bounded']).default('strict'),
        wait_ms: z.int().min(0).max(10_000).default(250),
        bound_ms: z.int().min(100).max(hourMs).default(2_000),
      })
      .prefault({}),
    last_known_good: z
      .strictObject({
        max_age_ms: z
          .int()
          .min(0)
          .max(30 * dayMs)
          .default(0),
      })
      .prefault({}),
    pull: z
      .strictObject({
        path: pullPath.default('/fetch-student'),
        deadline_ms: z
          .int()
          .min(50)
          .max(partnerPatienceMs - 1, 'less than 15000: the partner gives up then')
          .default(12_000),
      })
      .prefault({}),
    erp: erp.optional(),
    http: z.strictObject({ trusted_proxies: z.array(cidr).max(256).default([]) }).prefault({}),
    answers: z
      .strictObject({
        record: z.boolean().default(false),
        key: answersKey(sources).optional(),
        retention_days: count(36_500).default(400),
        watch_hours: count(744).default(48),
      })
      .prefault({}),
    branches: z.array(branch).default([]),
    clients: z.array(client).default([]),
    embedded: z.strictObject({ path: z.string().min(1).default('./pullgate.db') }).prefault({}),
  })
}

export type FileConfig = z.output<ReturnType<typeof fileSchema>>
