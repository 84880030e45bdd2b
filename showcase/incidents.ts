import { pull } from './partner.ts'
import { broken, type Pupil } from './school.ts'
import type { World } from './world.ts'

/** One thing that goes wrong, as an operator meets it. */
export type Incident = {
  readonly title: string
  /** What the page and `/readyz?verbose` must say. */
  readonly shows: RegExp
  readonly alert: string
  readonly mends: string
  /** `null`: this stack does not allow it. */
  readonly begin: (() => Promise<unknown>) | null
  /** Again and again until it shows: what makes it felt. */
  readonly goOn?: () => Promise<unknown>
  readonly mend: () => Promise<unknown>
}

export const INCIDENTS = ['projector', 'kafka', 'redis', 'erp', 'publisher', 'poison'] as const
export type IncidentName = (typeof INCIDENTS)[number]

export const incidentsOf = (world: World, pupils: readonly Pupil[]): Readonly<Record<IncidentName, Incident>> => {
  const pupil = pupils[0]!
  return {
    projector: {
      title: 'The projector is killed',
      shows: /^No projector for .*Start one: npx pullgate projector/,
      alert: 'PullgateProjectorDown',
      mends: 'start a projector: npx pullgate projector',
      begin: world.projector === null ? null : world.projector.kill,
      mend: async () => world.projector?.restart(),
    },
    kafka: {
      title: 'Kafka hangs',
      shows: /log does not answer/,
      alert: 'PullgateLogUnreachable',
      mends: 'bring the broker back; "npx pullgate doctor" names what does not answer',
      begin: world.pause,
      mend: async () => world.resume?.(),
    },
    redis: {
      title: 'Redis hangs',
      shows: /store does not answer/,
      alert: 'PullgateStoreUnreachable',
      mends: 'bring Redis back; "npx pullgate doctor" names what does not answer',
      begin: world.pauseRedis,
      mend: async () => world.resumeRedis?.(),
    },
    erp: {
      title: 'The ERP of a branch answers 503',
      shows: /Branch BLR-01: its ERP fails/,
      alert: 'PullgateErpBreakerOpen',
      mends: 'tell the ERP’s people; "npx pullgate doctor" shows what it answers',
      begin: async () => world.erps[0]!.fail(true),
      goOn: () => pull(world, { identifier: 'unheard-of', collector_code: 'BLR-01' }),
      mend: async () => world.erps[0]!.fail(false),
    },
    publisher: {
      title: 'The relay of a publisher dies',
      shows: /Publisher \/erp\/group was last heard/,
      alert: 'PullgatePublisherSilent',
      mends: 'restart the relay',
      begin: async () => world.sendHeartbeats(false),
      mend: async () => world.sendHeartbeats(true),
    },
    poison: {
      title: 'A publisher sends an event that nobody can apply',
      shows: /1 student suspect/,
      alert: 'PullgateSuspectsNotHealing',
      mends: `npx pullgate dlq list, then dlq discard ${pupil.id}`,
      begin: () => world.publishUnbooked([broken(world.topic, pupil)]),
      mend: () => world.run(['dlq', 'discard', pupil.id]),
    },
  }
}

const SHOWN_WITHIN_MS = 60_000

/** The sentence on top of `/readyz?verbose`. */
const verdictOf = async (world: World): Promise<string> => {
  const response = await fetch(`${world.page}/readyz?verbose`)
  return ((await response.json()) as { readonly verdict: string }).verdict
}

/** Waits until the sentence on top is as it must be; the last one otherwise, with `ok: false`. */
const awaitVerdict = async (
  world: World,
  shows: RegExp,
  stopping: AbortSignal,
  goOn: () => Promise<unknown> = async () => {},
): Promise<{ readonly ok: boolean; readonly verdict: string; readonly ms: number }> => {
  const began = performance.now()
  for (;;) {
    await goOn().catch(() => {})
    const verdict = await verdictOf(world).catch((error: Error) => error.message)
    const ms = performance.now() - began
    if (shows.test(verdict)) return { ok: true, verdict, ms }
    if (ms > SHOWN_WITHIN_MS || stopping.aborted) return { ok: false, verdict, ms }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Stages one, says where it shows and what mends it; `mendsItself` then mends it and waits until all is well. */
export const playIncident = async (
  world: World,
  incident: Incident,
  print: (text: string) => void,
  { mendsItself, stopping }: { readonly mendsItself: boolean; readonly stopping: AbortSignal },
): Promise<boolean> => {
  if (!incident.begin) {
    print(`${incident.title}: these servers do not allow it`)
    return false
  }
  print(`\n${incident.title}`)
  await incident.begin()
  const shown = await awaitVerdict(world, incident.shows, stopping, incident.goOn)
  print(`   after ${Math.round(shown.ms / 1000)} s the page and /readyz?verbose say:`)
  print(`   ${shown.verdict}`)
  print(`   page      ${world.page}/`)
  print(`   runbook   ${world.page}/runbook#${incident.alert.toLowerCase()} (alert ${incident.alert})`)
  print(`   mended by ${incident.mends}`)
  if (!mendsItself) return shown.ok
  await incident.mend()
  const well = await awaitVerdict(world, /^All is well/, stopping)
  print(well.ok ? `   mended: ${well.verdict}` : `   not mended: ${well.verdict}`)
  return shown.ok && well.ok
}
