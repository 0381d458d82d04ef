import type { ActorView, ActorVitals } from '../shared/bridge.ts'
import { mainName, type ActorSample, type ChildStatus, type Supervisor } from './runtime/index.ts'

/** A whole tree as panels and commands show it: the thread that supervises first. */
export function actorViews(supervisor: Supervisor, startedAt: number): ActorView[] {
  const host: ActorView = {
    name: mainName,
    kind: 'host',
    parent: null,
    state: 'running',
    since: startedAt,
    isolation: null,
    restarts: 0,
    lastDeath: null,
    vitals: supervisor.sample ? toVitals(supervisor.sample) : null,
    deadLetters: 0,
  }
  return [host, ...supervisor.children.map(toActorView)]
}

function toActorView(status: ChildStatus): ActorView {
  const { name, kind, parent, state, since, isolation, restarts, lastDeath, sample, deadLetters } = status
  return {
    ...{ name, kind, parent, state, since, isolation, restarts },
    lastDeath: lastDeath ? { at: lastDeath.at, reason: lastDeath.reason } : null,
    vitals: sample ? toVitals(sample) : null,
    deadLetters: Object.values(deadLetters.counts).reduce((sum, count) => sum + count, 0),
  }
}

function toVitals({ at, heap, mailbox, latencyUs, threads, ...sample }: ActorSample): ActorVitals {
  return {
    at,
    cpuPercent: Math.max(0, sample.cpuPercent),
    utilization: sample.utilization,
    delayMaxMs: sample.delayMs.max,
    heapBytes: heap.usedBytes,
    externalBytes: heap.externalBytes,
    residentBytes: sample.rssBytes,
    mailbox: { depth: mailbox.depth, deepest: mailbox.deepest },
    calls: sample.calls,
    errors: sample.errors,
    latencyUs: { p50: latencyUs.p50, p99: latencyUs.p99, max: latencyUs.max },
    threads: threads.map(({ name, cpuPercent, heapUsedBytes }) => ({
      name,
      cpuPercent: Math.max(0, cpuPercent),
      heapBytes: heapUsedBytes,
    })),
  }
}
