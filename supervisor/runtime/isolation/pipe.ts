import type { MessagePort } from 'node:worker_threads'
import { Lanes, isLaneFrame, joinPorts } from '../lanes.ts'
import { fromMessagePort } from '../port.ts'
import type { Entry } from '../recorder/entry.ts'
import { LaneRecorder } from '../recorder/lane-recorder.ts'
import { readRing, ringMemory, RingWriter } from '../recorder/ring.ts'
import type { ActorReport, SystemMessage } from '../wire.ts'

/** The supervisor's end of a pipe to an actor that is a process: system messages, reports and lanes on one stream. */
export class SupervisorPipe {
  readonly #lanes: Lanes
  readonly #send: (message: unknown) => void
  readonly #recorded: ReadonlySet<string>
  readonly #memory: SharedArrayBuffer
  readonly #ring: RingWriter
  #report: (report: ActorReport) => void = () => {}
  #nextLane = 1

  /** @param recorded methods whose arguments the flight recorder keeps */
  constructor(send: (message: unknown) => void, recorded: ReadonlySet<string>) {
    this.#send = send
    this.#recorded = recorded
    this.#lanes = new Lanes(send)
    this.#memory = ringMemory(recorded.size > 0)
    this.#ring = new RingWriter(this.#memory)
  }

  post(system: SystemMessage, port?: MessagePort): void {
    if (!port) return this.#send({ system })
    const lane = this.#nextLane++
    this.#send({ system, lane })
    // A port to another actor carries that one's messages, which are recorded where they arrive.
    const recorder =
      system.type === 'serve' ? new LaneRecorder(this.#ring, system.caller, this.#recorded) : undefined
    joinPorts(fromMessagePort(port), this.#lanes.open(lane), {
      there: (message) => recorder?.toActor(message),
      back: (message) => recorder?.toCaller(message),
    })
  }

  onReport(handler: (report: ActorReport) => void): void {
    this.#report = handler
  }

  receive(message: unknown): void {
    if (isLaneFrame(message)) this.#lanes.receive(message)
    else this.#report(message as ActorReport)
  }

  recording(): Entry[] {
    return readRing(this.#memory)
  }

  end(): void {
    this.#lanes.endAll()
  }
}
