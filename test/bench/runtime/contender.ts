/** One side of a comparison. A module that exports `start: StartContender` runs in a process of its own. */
export interface Contender {
  /** Each is busy for about `forMs` and answers with the number that it measured. */
  readonly measures: Readonly<Record<string, (forMs: number) => Promise<number>>>
  stop(): Promise<void> | void
}

export type StartContender = (...args: string[]) => Promise<Contender> | Contender

export type ContenderCommand = { measure: string; forMs: number } | 'stop'
export type ContenderReport = { ready: true } | { measured: number }
