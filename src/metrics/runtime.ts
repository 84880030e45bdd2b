import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0)

/**
 * Metrics of this process's runtime. Every garbage collection outside the young generation counts as `major`, because
 * its steps stop the program.
 */
export const watchRuntime = (metrics: Metrics): { readonly stop: () => void } => {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const gc = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind
      const type = kind === constants.NODE_PERFORMANCE_GC_MINOR ? 'minor' : 'major'
      metrics.add('pullgate_gc_pause_seconds_total', { type }, entry.duration / 1000)
    }
  })
  gc.observe({ entryTypes: ['gc'] })

  let cpuSeconds = 0
  const resolutionSeconds = 0.02
  metrics.set('pullgate_process_start_time_seconds', {}, Math.round(performance.timeOrigin / 1000))
  metrics.onScrape(() => {
    const { user, system } = process.cpuUsage()
    const now = (user + system) / 1e6
    metrics.add('pullgate_process_cpu_seconds_total', {}, Math.max(0, now - cpuSeconds))
    cpuSeconds = now
    metrics.set('pullgate_process_resident_memory_bytes', {}, process.memoryUsage.rss())
    metrics.set('pullgate_heap_used_bytes', {}, process.memoryUsage().heapUsed)
    const late = (nanoseconds: number) => Math.max(0, seconds(nanoseconds) - resolutionSeconds)
    metrics.set('pullgate_event_loop_delay_seconds', { statistic: 'p99' }, late(delay.percentile(99)))
    metrics.set('pullgate_event_loop_delay_seconds', { statistic: 'max' }, late(delay.max))
    delay.reset()
  })
  const stop = () => {
    delay.disable()
    gc.disconnect()
  }
  return { stop }
}
