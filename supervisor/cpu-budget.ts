import type { ActorSample, Supervisor } from './runtime/index.ts'
import { mainName } from './runtime/index.ts'

/** What each part may take of the CPU that the desktop is given, as shares that add up to 1. */
export const budgetShares: Readonly<Record<string, number>> = {
  [mainName]: 0.2,
  crypto: 0.15,
  link: 0.1,
  blocks: 0.1,
  p2p: 0.25,
  chat: 0.2,
}

/** What an actor used, beside what it may use. All in percent of one core. */
export interface BudgetLine {
  actor: string
  mean: number
  /** Of one sampling period. */
  peak: number
  budget: number
}

interface Spent {
  periodsMs: number
  cpuMs: number
  peak: number
}

/** Adds up what every actor spends, over all its lives. */
export class CpuBudget {
  readonly #quotaPercent: number
  readonly #supervisor: Supervisor
  readonly #spent = new Map<string, Spent>()
  #hostAt = 0

  /** @param quotaPercent what all of them together may use, in percent of one core */
  constructor(supervisor: Supervisor, quotaPercent: number) {
    this.#supervisor = supervisor
    this.#quotaPercent = quotaPercent
    supervisor.on('sample', (name, sample) => {
      this.#add(name, sample)
      this.#addHost()
    })
  }

  get lines(): BudgetLine[] {
    return [...this.#spent].map(([actor, { periodsMs, cpuMs, peak }]) => ({
      actor,
      mean: (100 * cpuMs) / Math.max(1, periodsMs),
      peak,
      budget: (budgetShares[actor] ?? 0) * this.#quotaPercent,
    }))
  }

  /** For people: who kept to the budget and who did not. */
  get table(): string[] {
    const lines = this.lines.map(({ actor, mean, peak, budget }) => {
      const verdict = mean > budget ? 'over' : 'within'
      return `  ${actor.padEnd(10)}${mean.toFixed(1).padStart(8)}${peak.toFixed(1).padStart(8)}${budget.toFixed(1).padStart(9)}  ${verdict}`
    })
    return [
      `  ${'actor'.padEnd(10)}${'mean %'.padStart(8)}${'peak %'.padStart(8)}${'budget %'.padStart(9)}`,
      ...lines,
    ]
  }

  #add(name: string, { periodMs, cpuPercent }: ActorSample): void {
    const spent = this.#spent.get(name) ?? { periodsMs: 0, cpuMs: 0, peak: 0 }
    spent.periodsMs += periodMs
    spent.cpuMs += (cpuPercent / 100) * periodMs
    spent.peak = Math.max(spent.peak, cpuPercent)
    this.#spent.set(name, spent)
  }

  /** The thread that supervises raises no event of its own. */
  #addHost(): void {
    const { sample } = this.#supervisor
    if (!sample || sample.at === this.#hostAt) return
    this.#hostAt = sample.at
    this.#add(mainName, sample)
  }
}
