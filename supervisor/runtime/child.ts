import type { MessagePort } from 'node:worker_threads'
import type { ChildSpec, IsolationName } from './child-spec.ts'
import { RemoteError, type WireFault } from './error-codec.ts'
import { ActorStartFailed } from './errors.ts'
import type { Exit, Isolate, SpawnIsolate } from './isolation/isolate.ts'
import type { SystemMessage } from './wire.ts'

export type ChildState = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped' | 'failed'

export interface Death {
  /** ms since the epoch */
  at: number
  reason: string
  /** It ended by itself, without an error. */
  normal: boolean
  /** Somebody ended it through its supervisor: no sign that restarting does not help. */
  deliberate: boolean
}

/** A child as it is right now, for panels and commands. */
export interface ChildStatus {
  name: string
  state: ChildState
  /** When it came into this state, ms since the epoch. */
  since: number
  isolation: IsolationName
  incarnation: number
  restarts: number
  lastDeath: Death | undefined
}

export type Isolations = Readonly<Record<IsolationName, SpawnIsolate>>

/** One supervised actor through all of its lives. It starts, stops and dies; its supervisor decides what follows. */
export class Child {
  readonly spec: ChildSpec
  readonly isolation: IsolationName
  readonly #spawn: SpawnIsolate
  readonly #onDeath: (child: Child, death: Death) => void
  readonly #onChange: (child: Child) => void
  #state: ChildState = 'stopped'
  #since = Date.now()
  #incarnation = 0
  #lastDeath: Death | undefined
  #isolate: Isolate | undefined
  #killReason: string | undefined
  #ended = false
  #fault: WireFault | undefined
  #stopped: (() => void) | undefined

  constructor(
    spec: ChildSpec,
    isolations: Isolations,
    on: { death(child: Child, death: Death): void; change(child: Child): void },
  ) {
    this.spec = spec
    this.isolation = spec.isolation ?? 'thread'
    this.#spawn = isolations[this.isolation]
    this.#onDeath = on.death
    this.#onChange = on.change
  }

  get name(): string {
    return this.spec.contract.name
  }

  get state(): ChildState {
    return this.#state
  }

  get incarnation(): number {
    return this.#incarnation
  }

  get status(): ChildStatus {
    return {
      name: this.name,
      state: this.#state,
      since: this.#since,
      isolation: this.isolation,
      incarnation: this.#incarnation,
      restarts: Math.max(0, this.#incarnation - 1),
      lastDeath: this.#lastDeath,
    }
  }

  enter(state: ChildState): void {
    if (this.#state === state) return
    this.#state = state
    this.#since = Date.now()
    this.#onChange(this)
  }

  /**
   * Begins a new life and waits until the actor answers.
   * @param prepare is called when the code is loaded and before it starts: the time to hand it its links
   * @throws ActorStartFailed
   */
  async start(prepare: (child: Child) => void): Promise<void> {
    this.enter(this.#incarnation === 0 ? 'starting' : 'restarting')
    const incarnation = ++this.#incarnation
    this.#killReason = undefined
    this.#ended = false
    this.#fault = undefined
    const isolate = this.#spawn({
      name: this.name,
      entry: this.spec.entry,
      ...(this.spec.heapMb === undefined ? {} : { heapMb: this.spec.heapMb }),
    })
    this.#isolate = isolate

    const up = new Promise<void>((resolve) => {
      isolate.onReport((report) => {
        switch (report.type) {
          case 'loaded':
            prepare(this)
            isolate.post({ type: 'start', name: this.name, incarnation, init: this.spec.init?.() })
            return
          case 'ready':
            return resolve()
          case 'crashed':
            this.#fault = report.fault
            return isolate.kill()
          case 'stopped':
            return this.#stopped?.()
        }
      })
    })
    const died = isolate.exited.then((exit) => this.#buried(isolate, exit))
    const startMs = this.spec.startMs ?? 20_000
    const timer = setTimeout(() => this.#terminate(`it was not ready after ${startMs} ms`), startMs)
    try {
      const death = await Promise.race([up, died])
      if (death) throw new ActorStartFailed(this.name, death.reason, this.#cause())
    } finally {
      clearTimeout(timer)
    }
    this.enter('running')
    void died.then((death) => this.#onDeath(this, death))
  }

  post(message: SystemMessage, port?: MessagePort): void {
    this.#isolate?.post(message, port)
  }

  get alive(): boolean {
    return this.#isolate !== undefined
  }

  /** Ends it at once, because somebody wants so. What follows is up to its supervisor. */
  kill(reason: string): void {
    this.#ended = true
    this.#terminate(reason)
  }

  #terminate(reason: string): void {
    this.#killReason ??= reason
    this.#isolate?.kill()
  }

  /** Asks it to stop, waits, and kills it when it takes too long. */
  async stop(): Promise<void> {
    const isolate = this.#isolate
    this.enter('stopping')
    if (isolate) {
      const stopped = new Promise<void>((resolve) => (this.#stopped = resolve))
      const shutdownMs = this.spec.shutdownMs ?? 3_000
      let timer: NodeJS.Timeout | undefined
      const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, shutdownMs)))
      isolate.post({ type: 'stop' })
      await Promise.race([stopped, isolate.exited, tooLong])
      clearTimeout(timer)
      this.kill('stopped by its supervisor')
      await isolate.exited
    }
    this.enter('stopped')
  }

  #buried(isolate: Isolate, exit: Exit): Death {
    if (this.#isolate === isolate) this.#isolate = undefined
    const reason = this.#fault?.message ?? this.#killReason ?? exit.reason
    const deliberate = this.#ended
    const death = { at: Date.now(), reason, normal: exit.normal && !this.#fault && !deliberate, deliberate }
    // An orderly stop is no death to report.
    if (this.#state !== 'stopping') this.#lastDeath = death
    return death
  }

  #cause(): ErrorOptions {
    return this.#fault ? { cause: new RemoteError(this.#fault) } : {}
  }
}
