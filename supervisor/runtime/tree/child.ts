import type { MessagePort } from 'node:worker_threads'
import { joinReports, noLetters, type DeadLetterReport } from '../dead-letters.ts'
import { RemoteError } from '../error-codec.ts'
import { ActorStartFailed, FaultNotContained } from '../errors.ts'
import type { ActorFault } from '../faults/fault.ts'
import type { Exit, SpawnIsolate } from '../isolation/isolate.ts'
import type { Recording } from '../recorder/entry.ts'
import type { Liveness, Watch } from '../vitals/liveness.ts'
import type { ActorSample } from '../vitals/sample.ts'
import type { Question, SystemMessage } from '../wire.ts'
import type { ChildSpec, IsolationName, RestartPolicy } from './child-spec.ts'
import { Life } from './life.ts'
import type { Switchboard } from './switchboard.ts'
import type { ChildState, ChildStatus, Death, Unit } from './unit.ts'

export type Isolations = Readonly<Record<IsolationName, SpawnIsolate>>

/** What all children of one tree share. */
export interface Surroundings {
  readonly isolations: Isolations
  readonly switchboard: Switchboard
  readonly liveness: Liveness
  /** ms between samples; 0 for none. */
  readonly sampleMs: number
  changed(status: ChildStatus): void
  sampled(name: string, sample: ActorSample): void
  /** An actor died; these were its last messages. */
  recorded(recording: Recording): void
}

const defaultHangMs = 5_000
const slowestBeatMs = 250
const standbyAfterMs = 50

/** One supervised actor through all of its lives. It starts, stops and dies; its supervisor decides what follows. */
export class Child implements Unit {
  readonly spec: ChildSpec
  readonly isolation: IsolationName
  readonly #parent: string | null
  readonly #around: Surroundings
  readonly #onDeath: (child: Child, death: Death) => void
  #lettersBefore: DeadLetterReport = noLetters
  #state: ChildState = 'stopped'
  #since = Date.now()
  #incarnation = 0
  #lastDeath: Death | undefined
  #life: Life | undefined
  #standby: Life | undefined
  #watch: Watch | undefined
  /** Its orderly end that is under way. */
  #stopping: Promise<void> | undefined
  #killReason: string | undefined
  #deliberate = false

  constructor(
    spec: ChildSpec,
    parent: string | null,
    around: Surroundings,
    onDeath: (child: Child, death: Death) => void,
  ) {
    this.spec = spec
    this.isolation = spec.isolation ?? 'thread'
    this.#parent = parent
    this.#around = around
    this.#onDeath = onDeath
  }

  get name(): string {
    return this.spec.contract.name
  }

  get restart(): RestartPolicy {
    return this.spec.restart ?? 'permanent'
  }

  get state(): ChildState {
    return this.#state
  }

  get incarnation(): number {
    return this.#incarnation
  }

  get lastDeath(): Death | undefined {
    return this.#lastDeath
  }

  get alive(): boolean {
    return this.#life !== undefined
  }

  /** Whether a second isolate is ready to take over. */
  get standbyReady(): boolean {
    return this.#standby?.warm === true && !this.#standby.ended
  }

  get status(): ChildStatus {
    return {
      name: this.name,
      kind: 'actor',
      parent: this.#parent,
      state: this.#state,
      since: this.#since,
      isolation: this.isolation,
      pid: this.#life?.isolate.pid ?? null,
      incarnation: this.#incarnation,
      restarts: Math.max(0, this.#incarnation - 1),
      lastDeath: this.#lastDeath,
      sample: this.#life?.sample,
      deadLetters: this.#letters(this.#life),
    }
  }

  get statuses(): ChildStatus[] {
    return [this.status]
  }

  enter(state: ChildState): void {
    if (this.#state === state) return
    this.#state = state
    this.#since = Date.now()
    this.#around.changed(this.status)
  }

  /** @throws ActorStartFailed */
  async start(): Promise<void> {
    this.enter(this.#incarnation === 0 ? 'starting' : 'restarting')
    const incarnation = ++this.#incarnation
    this.#killReason = undefined
    this.#deliberate = false
    let life: Life
    try {
      life = this.#nextLife()
    } catch (error) {
      this.#lastDeath = { at: Date.now(), reason: messageOf(error), normal: false, deliberate: false }
      throw new ActorStartFailed(this.name, messageOf(error), { cause: error })
    }
    this.#life = life
    const died = life.exited.then((exit) => this.#buried(life, exit))
    const { startMs = 20_000, hangMs = defaultHangMs } = this.spec
    const timer = setTimeout(() => this.#end(`it was not ready after ${startMs} ms`), startMs)
    try {
      const up = life.loaded.then(() => {
        this.#around.switchboard.prepare(this)
        life.post({
          type: 'start',
          name: this.name,
          incarnation,
          init: this.spec.init?.(),
          beatMs: Math.min(slowestBeatMs, hangMs / 4),
          sampleMs: this.#around.sampleMs,
        })
        return life.ready
      })
      const death = await Promise.race([up, died])
      if (death) throw new ActorStartFailed(this.name, death.reason, this.#cause(life))
      if (this.#state === 'stopping') throw new ActorStartFailed(this.name, 'it was stopped while it started')
    } catch (error) {
      if (error instanceof ActorStartFailed) throw error
      // Its init threw, or cannot be cloned: the isolate is there, and has nothing to start with.
      this.#end(messageOf(error))
      await died
      throw new ActorStartFailed(this.name, messageOf(error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
    this.#watchOver(life, hangMs)
    this.enter('running')
    void died.then((death) => this.#onDeath(this, death))
    this.#around.switchboard.connect(this)
    if (this.spec.standby) this.#prepareStandby(life)
  }

  post(message: SystemMessage, port?: MessagePort): void {
    this.#life?.isolate.post(message, port)
  }

  /** @throws ActorDown, or what the actor refuses it with */
  async ask(question: Question): Promise<unknown> {
    if (!this.#life) throw new ActorStartFailed(this.name, 'it is not running')
    // Writing a snapshot stops the event loop for as long as it takes: seconds for a hundred megabytes.
    const watch = question.about === 'heap-snapshot' ? this.#watch : undefined
    watch?.pause()
    try {
      return await this.#life.ask(question)
    } finally {
      watch?.resume()
    }
  }

  /**
   * Injects a fault into the running actor.
   * @throws FaultNotContained where it would take more down than the actor
   */
  inflict(fault: ActorFault): void {
    const reason = this.#uncontained(fault)
    if (reason !== undefined) throw new FaultNotContained(this.name, fault.fault, reason)
    this.#life?.post({ type: 'fault', fault })
  }

  kill(reason: string): void {
    const comesBack = this.#state === 'running' && this.restart !== 'temporary'
    this.#deliberate = true
    this.#end(reason)
    // What somebody kills is always started again: its code loads while the old life ends.
    if (comesBack) this.#standby ??= this.#spawn()
  }

  async stop(reason: string, back: boolean): Promise<void> {
    await (this.#stopping ??= this.#shutDown().finally(() => (this.#stopping = undefined)))
    this.enter('stopped')
    this.#around.switchboard.disconnect(this, reason, !back)
  }

  async #shutDown(): Promise<void> {
    const life = this.#life
    const standby = this.#standby
    this.#standby = undefined
    standby?.isolate.kill()
    this.enter('stopping')
    if (life) {
      const { shutdownMs = 3_000 } = this.spec
      const timer = setTimeout(() => {
        const reason = `it had not stopped after ${shutdownMs} ms`
        this.#lastDeath = { at: Date.now(), reason, normal: false, deliberate: true }
        this.kill(reason)
      }, shutdownMs)
      life.post({ type: 'stop' })
      await Promise.race([life.stopped, life.exited])
      clearTimeout(timer)
      this.kill('stopped by its supervisor')
      await life.exited
    }
    await standby?.exited
  }

  awaited(reason: string): void {
    this.enter('restarting')
    this.#around.switchboard.disconnect(this, reason, false)
  }

  givenUp(reason: string): void {
    this.#standby?.isolate.kill()
    this.#standby = undefined
    this.#around.switchboard.disconnect(this, reason, true)
  }

  /** The last messages through its mailbox; empty while it is down. */
  recording(): Recording {
    return {
      actor: this.name,
      incarnation: this.#incarnation,
      death: null,
      entries: this.#life?.isolate.recording() ?? [],
    }
  }

  /** Making an isolate holds this thread up for some ms: whoever waits for the one that just came up goes first. */
  #prepareStandby(life: Life): void {
    setTimeout(() => {
      if (this.#life !== life || this.#state !== 'running' || this.#standby) return
      const standby = this.#spawn()
      this.#standby = standby
      void standby.loaded.then(() => {
        if (this.#standby === standby) standby.post({ type: 'rehearse' })
      })
    }, standbyAfterMs).unref()
  }

  #nextLife(): Life {
    const standby = this.#standby
    this.#standby = undefined
    return standby && !standby.ended ? standby : this.#spawn()
  }

  #spawn(): Life {
    const { contract, entry, heapMb } = this.spec
    const isolate = this.#around.isolations[this.isolation]({
      name: this.name,
      entry,
      recorded: contract.recorded,
      ...(heapMb === undefined ? {} : { heapMb }),
    })
    const life: Life = new Life(this.name, isolate, {
      sample: (sample) => this.#sampled(life, sample),
      pong: (inspected) => {
        if (this.#life === life) this.#watch?.pong(inspected)
      },
    })
    return life
  }

  #watchOver(life: Life, hangMs: number): void {
    if (!Number.isFinite(hangMs) || life.ended) return
    this.#watch = this.#around.liveness.watch({
      isolate: life.isolate,
      hangMs,
      onHung: (reason) => this.#end(reason),
    })
  }

  #sampled(life: Life, sample: ActorSample): void {
    if (this.#life !== life) return
    this.#around.sampled(this.name, sample)
    const { memoryMb } = this.spec
    const bytes = sample.rssBytes ?? sample.heap.totalBytes + sample.heap.externalBytes
    if (memoryMb !== undefined && bytes > memoryMb * 2 ** 20)
      this.#end(`it used ${Math.round(bytes / 2 ** 20)} MB of memory, its limit is ${memoryMb} MB`)
  }

  #end(reason: string): void {
    this.#killReason ??= reason
    this.#life?.isolate.kill()
  }

  #buried(life: Life, exit: Exit): Death {
    this.#watch?.end()
    this.#watch = undefined
    if (this.#life === life) this.#life = undefined
    const reason = life.fault?.message ?? this.#killReason ?? exit.reason
    const deliberate = this.#deliberate
    const death = { at: Date.now(), reason, normal: exit.normal && !life.fault && !deliberate, deliberate }
    this.#lettersBefore = this.#letters(life)
    // An orderly stop is no death to report.
    if (this.#state !== 'stopping') {
      this.#lastDeath = death
      this.#around.recorded({
        actor: this.name,
        incarnation: this.#incarnation,
        death: reason,
        entries: life.isolate.recording(),
      })
    }
    return death
  }

  #letters(life: Life | undefined): DeadLetterReport {
    const now = life?.sample?.deadLetters
    return now ? joinReports([this.#lettersBefore, now]) : this.#lettersBefore
  }

  #cause(life: Life): ErrorOptions {
    return life.fault ? { cause: new RemoteError(life.fault) } : {}
  }

  #uncontained({ fault }: ActorFault): string | undefined {
    if (this.isolation === 'process') return undefined
    if (fault === 'segfault') return 'a thread would take its whole process with it'
    if (fault === 'out-of-memory' && this.spec.heapMb === undefined)
      return 'a thread without a heap limit would take its whole process with it'
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
