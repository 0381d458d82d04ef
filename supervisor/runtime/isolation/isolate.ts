import type { MessagePort } from 'node:worker_threads'
import type { Entry } from '../recorder/entry.ts'
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
  /** Process id of an actor that is a process; null for a thread. */
  readonly pid: number | null
  /** Sends a system message; `port` goes with `link` and `serve`. */
  post(message: SystemMessage, port?: MessagePort): void
  onReport(handler: (report: ActorReport) => void): void
  /** Settles once, after the last report. Never rejects. */
  readonly exited: Promise<Exit>
  /** Ends it now, whatever it is doing. */
  kill(): void
  /** Heartbeats so far; undefined where they have to be asked for with `ping`. */
  beats(): number | undefined
  /**
   * Settles when the isolate, though its event loop is stuck, is seen to run JavaScript; it does not while it collects
   * garbage or is in native code. Undefined where that cannot be told.
   */
  interrupted?(): Promise<unknown>
  /** The last messages through its mailbox, also when it is gone. */
  recording(): Entry[]
}

export interface IsolateOptions {
  name: string
  entry: URL
  /** Old generation limit, MB. @default the platform's */
  heapMb?: number
  /** Methods whose arguments the flight recorder keeps. */
  recorded: ReadonlySet<string>
}

export type SpawnIsolate = (options: IsolateOptions) => Isolate
