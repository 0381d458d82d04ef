import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { fromMessagePort, type Port } from './port.ts'
import type { ActorReport, SystemMessage } from './wire.ts'

/** The way from an actor to the supervisor that started it, whatever the actor runs in. */
export interface SupervisorChannel {
  /** Shared with the supervisor, where the actor is a thread. */
  readonly memory: SharedMemory | undefined
  report(report: ActorReport): void
  /** `port` is there for `link` and `serve`. */
  onSystem(handler: (message: SystemMessage, port: Port | undefined) => void): void
}

/** What a thread shares with its supervisor, so that it can be read when the thread is stuck or gone. */
export interface SharedMemory {
  heart: SharedArrayBuffer
  ring: SharedArrayBuffer
}
/** What the supervisor gives a thread as `workerData`. */
export interface ThreadData {
  shared: SharedMemory
}

/** A system message to a thread carries its port; one to a process names a lane. */
export type ThreadFrame = { system: SystemMessage; port?: MessagePort }
export type ProcessFrame = { system: SystemMessage; lane?: number }

function threadChannel(supervisor: MessagePort): SupervisorChannel {
  return {
    memory: (workerData as ThreadData).shared,
    report: (report) => supervisor.postMessage(report),
    onSystem(handler) {
      supervisor.on('message', ({ system, port }: ThreadFrame) =>
        handler(system, port && fromMessagePort(port)),
      )
    },
  }
}

/** @throws Error in a program that no supervisor started */
export async function supervisorChannel(): Promise<SupervisorChannel> {
  if (!isMainThread && parentPort) return threadChannel(parentPort)
  // A thread comes up faster without what only processes need.
  const { processChannel } = await import('./process-channel.ts')
  if ('parentPort' in process && process.parentPort) {
    const electron = process.parentPort as {
      postMessage(message: unknown): void
      on(event: 'message', handler: (event: { data: unknown }) => void): void
    }
    return processChannel({
      send: (message) => electron.postMessage(message),
      onMessage: (handler) => electron.on('message', ({ data }) => handler(data)),
    })
  }
  if (process.send) {
    const send = process.send.bind(process)
    // The supervisor died without a word: an actor does not outlive it.
    process.once('disconnect', () => process.exit())
    return processChannel({
      send: (message) => void send(message),
      onMessage: (handler) => process.on('message', handler),
    })
  }
  throw new Error('An actor is started by a supervisor, not by hand')
}
