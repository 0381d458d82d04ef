import type { ChildStatus } from '../tree/unit.ts'

interface Metric {
  name: string
  type: 'counter' | 'gauge'
  help: string
  value(status: ChildStatus): number | null | undefined
}

const seconds = (ms: number) => ms / 1_000

const metrics: readonly Metric[] = [
  {
    name: 'actor_up',
    type: 'gauge',
    help: 'Whether the actor runs.',
    value: ({ state }) => (state === 'running' ? 1 : 0),
  },
  {
    name: 'actor_restarts_total',
    type: 'counter',
    help: 'Lives after the first.',
    value: ({ restarts }) => restarts,
  },
  {
    name: 'actor_cpu_user_seconds_total',
    type: 'counter',
    help: 'CPU time in user mode, this life.',
    value: ({ sample }) => sample && seconds(sample.cpu.userMs),
  },
  {
    name: 'actor_cpu_system_seconds_total',
    type: 'counter',
    help: 'CPU time in the kernel, this life.',
    value: ({ sample }) => sample && seconds(sample.cpu.systemMs),
  },
  {
    name: 'actor_event_loop_utilization_ratio',
    type: 'gauge',
    help: 'Share of the last period in which the event loop was busy.',
    value: ({ sample }) => sample?.utilization,
  },
  {
    name: 'actor_event_loop_delay_max_seconds',
    type: 'gauge',
    help: 'Worst lateness of the event loop in the last period.',
    value: ({ sample }) => sample && seconds(sample.delayMs.max),
  },
  {
    name: 'actor_heap_used_bytes',
    type: 'gauge',
    help: 'Used V8 heap.',
    value: ({ sample }) => sample?.heap.usedBytes,
  },
  {
    name: 'actor_external_bytes',
    type: 'gauge',
    help: 'Memory outside the heap that V8 knows of.',
    value: ({ sample }) => sample?.heap.externalBytes,
  },
  {
    name: 'actor_resident_bytes',
    type: 'gauge',
    help: 'Resident memory; processes only.',
    value: ({ sample }) => sample?.rssBytes,
  },
  {
    name: 'actor_mailbox_depth',
    type: 'gauge',
    help: 'Calls taken and not yet answered.',
    value: ({ sample }) => sample?.mailbox.depth,
  },
  {
    name: 'actor_calls_total',
    type: 'counter',
    help: 'Calls answered, this life.',
    value: ({ sample }) => sample?.calls,
  },
  {
    name: 'actor_errors_total',
    type: 'counter',
    help: 'Calls answered with an error, this life.',
    value: ({ sample }) => sample?.errors,
  },
]

/** What every actor said last, in Prometheus's text format, version 0.0.4. */
export function prometheusText(statuses: readonly ChildStatus[]): string {
  const actors = statuses.filter(({ kind }) => kind === 'actor')
  const lines: string[] = []
  for (const { name, type, help, value } of metrics) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    for (const actor of actors) {
      const number = value(actor)
      if (number !== undefined && number !== null)
        lines.push(`${name}{${label('actor', actor.name)}} ${number}`)
    }
  }
  lines.push(
    '# HELP actor_call_duration_seconds From arrival to answer, this life.',
    '# TYPE actor_call_duration_seconds summary',
  )
  for (const { name, sample } of actors) {
    if (!sample) continue
    const { p50, p90, p99 } = sample.latencyUs
    for (const [quantile, us] of Object.entries({ '0.5': p50, '0.9': p90, '0.99': p99 }))
      lines.push(`actor_call_duration_seconds{${label('actor', name)},quantile="${quantile}"} ${us / 1e6}`)
    lines.push(`actor_call_duration_seconds_count{${label('actor', name)}} ${sample.calls}`)
  }
  lines.push(
    '# HELP actor_dead_letters_total Messages that could not be delivered or answered.',
    '# TYPE actor_dead_letters_total counter',
  )
  for (const { name, deadLetters } of actors) {
    for (const [reason, count] of Object.entries(deadLetters.counts))
      lines.push(`actor_dead_letters_total{${label('actor', name)},reason="${reason}"} ${count}`)
  }
  return `${lines.join('\n')}\n`
}

function label(name: string, value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `${name}="${escaped}"`
}
