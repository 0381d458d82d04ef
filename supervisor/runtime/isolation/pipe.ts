import type { MessagePort } from 'node:worker_threads'
import { Lanes, isLaneFrame, joinPorts } from '../lanes.ts'
import { fromMessagePort } from '../port.ts'
import type { ActorReport, SystemMessage } from '../wire.ts'

/** The supervisor's end of a pipe to an actor that is a process: system messages, reports and lanes on one stream. */
export class SupervisorPipe {
  readonly #lanes: Lanes
  readonly #send: (message: unknown) => void
  #report: (report: ActorReport) => void = () => {}
  #nextLane = 1

  constructor(send: (message: unknown) => void) {
    this.#send = send
    this.#lanes = new Lanes(send)
  }

  post(system: SystemMessage, port?: MessagePort): void {
    if (!port) return this.#send({ system })
    const lane = this.#nextLane++
    this.#send({ system, lane })
    joinPorts(fromMessagePort(port), this.#lanes.open(lane))
  }

  onReport(handler: (report: ActorReport) => void): void {
    this.#report = handler
  }

  receive(message: unknown): void {
    if (isLaneFrame(message)) this.#lanes.receive(message)
    else this.#report(message as ActorReport)
  }

  end(): void {
    this.#lanes.endAll()
  }
}
