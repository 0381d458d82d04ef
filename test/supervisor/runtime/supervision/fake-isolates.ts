import type { Exit, Isolate, IsolateOptions, SpawnIsolate } from '../../../../supervisor/runtime/index.ts'

type Report = Parameters<Parameters<Isolate['onReport']>[0]>[0]
type Message = Parameters<Isolate['post']>[0]

/** Lets what an isolate does take its time: what is given is done later, in the order in which it was given. */
export type Later = (isolate: string, what: string, act: () => void) => void

/**
 * Isolates in memory, which load, start, stop and die when they are told to, so that a supervisor can be put through
 * thousands of lives in seconds.
 */
export class FakeIsolates {
  /** Starts (`+name`) and orderly stops (`-name`), in their order. */
  trace: string[] = []
  /** How many of an actor's next starts fail. */
  readonly failing = new Map<string, number>()
  /** What must never be. */
  readonly violations: string[] = []
  readonly #live = new Set<FakeIsolate>()
  readonly #later: Later
  #spawned = 0

  constructor(later: Later = (_isolate, _what, act) => queueMicrotask(act)) {
    this.#later = later
  }

  readonly spawn: SpawnIsolate = ({ name }: IsolateOptions) => {
    const isolate = new FakeIsolate(name, ++this.#spawned, this.#later, {
      started: () => {
        if (this.#started(name).length > 1) this.violations.push(`two lives of ${name} at once`)
        this.trace.push(`+${name}`)
        const failing = this.failing.get(name) ?? 0
        this.failing.set(name, Math.max(0, failing - 1))
        return failing === 0
      },
      ended: (orderly) => {
        if (orderly) this.trace.push(`-${name}`)
        this.#live.delete(isolate)
      },
    })
    this.#live.add(isolate)
    return isolate
  }

  /** Whose isolates there are, standbys included. */
  get live(): string[] {
    return [...this.#live].map(({ name }) => name).toSorted()
  }

  /** An actor's process or thread ends by itself. */
  end(name: string, normally: boolean): void {
    const [isolate] = this.#started(name)
    isolate?.end({ reason: normally ? 'exit code 0' : 'a bug', normal: normally })
  }

  #started(name: string): FakeIsolate[] {
    return [...this.#live].filter((isolate) => isolate.name === name && isolate.started)
  }
}

class FakeIsolate implements Isolate {
  readonly pid = null
  readonly name: string
  readonly exited: Promise<Exit>
  /** Its actor was told to start. */
  started = false
  readonly #id: string
  readonly #later: Later
  readonly #on: { started(): boolean; ended(orderly: boolean): void }
  readonly #exit = Promise.withResolvers<Exit>()
  #report: (report: Report) => void = () => {}
  #ready = false
  #stopping = false
  #ended = false

  constructor(
    name: string,
    number: number,
    later: Later,
    on: { started(): boolean; ended(orderly: boolean): void },
  ) {
    this.name = name
    this.#id = `${name}#${number}`
    this.#later = later
    this.#on = on
    this.exited = this.#exit.promise
    this.#say('loaded', { type: 'loaded' })
  }

  post(message: Message): void {
    if (this.#ended) return
    if (message.type === 'stop') {
      this.#stopping = true
      this.#say('stopped', { type: 'stopped' })
    }
    if (message.type !== 'start') return
    this.started = true
    if (this.#on.started()) {
      this.#ready = true
      this.#say('ready', { type: 'ready' })
    } else this.#say('crashed', { type: 'crashed', fault: { name: 'Error', message: 'it does not start' } })
  }

  onReport(handler: (report: Report) => void): void {
    this.#report = handler
  }

  kill(): void {
    this.end({ reason: 'killed', normal: false })
  }

  end(exit: Exit): void {
    if (this.#ended) return
    this.#ended = true
    this.#later(this.#id, 'exits', () => {
      this.#on.ended(this.#stopping && this.#ready)
      this.#exit.resolve(exit)
    })
  }

  beats(): number | undefined {
    return undefined
  }

  recording(): [] {
    return []
  }

  #say(what: string, report: Report): void {
    this.#later(this.#id, what, () => this.#report(report))
  }
}
