import type { Engine } from '../../consumers/ports/engine.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import { recorder } from '../answers/recorder.ts'
import type { Config } from '../config/load.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'
import type { AnsweredPull } from '../pull/port.ts'

export type AnswersRecording = {
  readonly onAnswered?: (answered: AnsweredPull) => void
  readonly checks: readonly Check[]
  readonly close: () => Promise<void>
}

const HOUR_MS = 3_600_000
/** Milliseconds after which the same problem is logged again, with its effects so far. */
const AGAIN_MS = 60_000

/** What a gateway does about its answers: nothing, unless the configuration says so. */
export const recordAnswers = (
  engine: Pick<Engine, 'recording' | 'store'>,
  { topic, answers }: Config,
  signature: string,
  metrics: Metrics,
  log: Logger,
): AnswersRecording => {
  if (!answers.record || answers.key === undefined) return { checks: [], close: async () => {} }
  let trouble: string | null = null
  let toldMs = Number.NEGATIVE_INFINITY
  let lost = 0

  const onTrouble = (error: unknown): void => {
    if (error === null) {
      trouble = null
      log.info({ lost }, 'answers are recorded again')
      return
    }
    trouble = error instanceof LogError ? error.message : 'an answer could not be encoded'
    if (performance.now() - toldMs < AGAIN_MS) return
    toldMs = performance.now()
    log.warn({ err: error, why: trouble, lost }, 'answers cannot be recorded; pulls are answered all the same')
  }

  const { record, close } = recorder({
    topic: answersName(topic.name),
    partitions: topic.partitions,
    append: engine.recording.append,
    recent: engine.store.recentAnswers,
    key: answers.key,
    signature,
    watchMs: answers.watch_hours * HOUR_MS,
    clock: Date.now,
    onRecorded: (count) => metrics.add('pullgate_answers_recorded_total', {}, count),
    onLost: (count) => {
      lost += count
      metrics.add('pullgate_answers_lost_total', {}, count)
    },
    onTrouble,
  })
  return {
    onAnswered: record,
    // It never makes a gateway unready: answers do not depend on it.
    checks: [
      {
        name: 'answers',
        check: () => ({
          ok: true,
          detail: trouble === null ? `recorded; ${lost} lost` : `cannot be recorded (${trouble}); ${lost} lost`,
        }),
      },
    ],
    close: async () => {
      const before = lost
      await close()
      if (lost > before)
        log.warn({ lost: lost - before }, 'the last answers were lost: the log did not take them in time')
    },
  }
}
