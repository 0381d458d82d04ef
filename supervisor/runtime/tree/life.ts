import { encodeFault, RemoteError, type WireFault } from '../error-codec.ts'
import { ActorDown } from '../errors.ts'
import type { Exit, Isolate } from '../isolation/isolate.ts'
import type { ActorSample } from '../vitals/sample.ts'
import type { ActorReport, Question, SystemMessage } from '../wire.ts'

interface Asked {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** One isolate from its spawning to its end: the code is loaded, then the actor starts, then it is ready. */
export class Life {
  readonly isolate: Isolate
  readonly loaded: Promise<undefined>
  readonly ready: Promise<undefined>
  readonly stopped: Promise<undefined>
  /** After the last report. */
  readonly exited: Promise<Exit>
  fault: WireFault | undefined
  ended = false
  /** Its code is loaded. */
  warm = false
  sample: ActorSample | undefined
  readonly #name: string
  readonly #asked = new Map<number, Asked>()
  #nextQuestion = 1

  constructor(
    name: string,
    isolate: Isolate,
    on: { sample(sample: ActorSample): void; pong(inspected: boolean): void },
  ) {
    this.#name = name
    this.isolate = isolate
    const loaded = Promise.withResolvers<undefined>()
    const ready = Promise.withResolvers<undefined>()
    const stopped = Promise.withResolvers<undefined>()
    this.loaded = loaded.promise
    this.ready = ready.promise
    this.stopped = stopped.promise
    isolate.onReport((report) => {
      switch (report.type) {
        case 'loaded':
          this.warm = true
          return loaded.resolve(undefined)
        case 'ready':
          return ready.resolve(undefined)
        case 'stopped':
          return stopped.resolve(undefined)
        case 'crashed':
          this.fault = report.fault
          return isolate.kill()
        case 'sample':
          this.sample = report.sample
          return on.sample(report.sample)
        case 'pong':
          return on.pong(report.inspected)
        case 'answer':
        case 'refusal':
          return this.#answered(report)
      }
    })
    this.exited = isolate.exited.then((exit) => {
      this.ended = true
      for (const { reject } of this.#asked.values()) reject(new ActorDown(name, 0, exit.reason))
      this.#asked.clear()
      if (!this.fault && exit.cause !== undefined) this.fault = encodeFault(exit.cause)
      return exit
    })
  }

  post(message: SystemMessage): void {
    if (!this.ended) this.isolate.post(message)
  }

  /** @throws ActorDown, or what the actor refuses it with */
  ask(question: Question): Promise<unknown> {
    if (this.ended) return Promise.reject(new ActorDown(this.#name, 0, 'it has ended'))
    const id = this.#nextQuestion++
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.isolate.post({ type: 'ask', id, question })
    })
  }

  #answered(report: Extract<ActorReport, { type: 'answer' | 'refusal' }>): void {
    const asked = this.#asked.get(report.id)
    this.#asked.delete(report.id)
    if (report.type === 'answer') asked?.resolve(report.result)
    else asked?.reject(new RemoteError(report.fault))
  }
}
