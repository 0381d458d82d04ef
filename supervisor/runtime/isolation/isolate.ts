import type { MessagePort } from 'node:worker_threads'
import type { ActorReport, SystemMessage } from '../wire.ts'

/** How an isolate ended. */
export interface Exit {
  /** In words: "exit code 1", "signal SIGKILL", or the error's message. */
  reason: string
  /** True for an end that an actor chose: exit code 0 without an error. */
  normal: boolean
  cause?: unknown
}

/** What an actor runs in. The one contract behind which threads and processes are alike. */
export interface Isolate {
  /** Sends a system message; `port` goes with `link` and `serve`. */
  post(message: SystemMessage, port?: MessagePort): void
  onReport(handler: (report: ActorReport) => void): void
  /** Settles once, after the last report. Never rejects. */
  readonly exited: Promise<Exit>
  /** Ends it now, whatever it is doing. */
  kill(): void
}

export interface IsolateOptions {
  name: string
  entry: URL
  /** Old generation limit, MB. @default the platform's */
  heapMb?: number
}

export type SpawnIsolate = (options: IsolateOptions) => Isolate
