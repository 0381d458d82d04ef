import { encodeFault } from './error-codec.ts'
import { Lanes, isLaneFrame } from './lanes.ts'
import type { ProcessFrame, SupervisorChannel } from './supervisor-channel.ts'
import type { ActorReport } from './wire.ts'

/** A pipe of structured clones: `child_process` with advanced serialization, or Electron's utilityProcess. */
export interface Pipe {
  send(message: unknown): void
  onMessage(handler: (message: unknown) => void): void
}

/** The way from an actor that is a process. */
export function processChannel(pipe: Pipe): SupervisorChannel {
  const lanes = new Lanes((frame) => pipe.send(frame))
  const report = (message: ActorReport) => pipe.send(message)
  // A thread's last error reaches its supervisor by itself; a process has to say it before it ends.
  process.on('uncaughtException', (error) => {
    report({ type: 'crashed', fault: encodeFault(error) })
    process.exitCode = 1
    setImmediate(() => process.exit())
  })
  return {
    memory: undefined,
    report,
    onSystem(handler) {
      pipe.onMessage((message) => {
        if (isLaneFrame(message)) return lanes.receive(message)
        const { system, lane } = message as ProcessFrame
        handler(system, lane === undefined ? undefined : lanes.open(lane))
      })
    },
  }
}
