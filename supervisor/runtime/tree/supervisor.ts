import { EventEmitter } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import type { ActorRef } from '../calls/actor-ref.ts'
import type { AnyContract } from '../contract.ts'
import { joinReports, type DeadLetterReport } from '../dead-letters.ts'
import { UnknownActor } from '../errors.ts'
import type { ActorFault } from '../faults/fault.ts'
import { spawnProcess } from '../isolation/process.ts'
import { spawnThread } from '../isolation/thread.ts'
import type { Recording } from '../recorder/entry.ts'
import { Liveness } from '../vitals/liveness.ts'
import { hostVitals } from '../vitals/host-vitals.ts'
import type { ActorSample } from '../vitals/sample.ts'
import type { Vitals } from '../vitals/vitals.ts'
import type { Question } from '../wire.ts'
import type { Backoff } from './backoff.ts'
import { Branch } from './branch.ts'
import type { Isolations } from './child.ts'
import {
  overridden,
  type ChildSpec,
  type Spec,
  type SpecOverrides,
  type Strategy,
  type WhenExhausted,
} from './child-spec.ts'
import type { Intensity } from './restart-intensity.ts'
import { Switchboard } from './switchboard.ts'
import type { ChildStatus, Death } from './unit.ts'

export interface SupervisorInit {
  /** @default 'one-for-one' */
  strategy?: Strategy
  /** Of failures; what somebody kills comes back each time. @default 10 in 60 s */
  intensity?: Intensity
  /** @default 'escalate': everything stops in good order, and `exhausted` says why */
  whenExhausted?: WhenExhausted
  /** @default 100 ms, growing to 5 s, for deaths within 10 s of each other */
  backoff?: Backoff
  /** How each isolation is made here. @default worker_threads and child_process */
  isolations?: Partial<Isolations>
  /** Source of the jitter, 0 to 1. @default Math.random */
  random?: () => number
  /** What configuration changes of single children, by name. @default none */
  overrides?: Readonly<Partial<Record<string, SpecOverrides>>>
  /** How often every actor says how it is. @default once per second */
  sampling?: { everyMs: number } | false
}

/** Why the root of a tree stopped itself. */
export interface ExhaustionReport {
  reason: string
  /** Everything as it was when it had stopped. */
  children: readonly ChildStatus[]
}

interface SupervisorEvents {
  /** A child changed its state. */
  change: [ChildStatus]
  death: [ChildStatus, Death]
  /** A child died too often. What follows is `whenExhausted`. */
  gaveUp: [ChildStatus]
  sample: [string, ActorSample]
  /** An actor died; the last messages through its mailbox. */
  recording: [Recording]
  /** Restarting did not help: everything has been stopped. */
  exhausted: [ExhaustionReport]
}

/** The root of a tree of actors: starts them, keeps them running, hands out references, and stops them. */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #root: Branch
  readonly #switchboard = new Switchboard()
  readonly #liveness = new Liveness()
  readonly #vitals: Vitals | undefined
  #sample: ActorSample | undefined
  #stopped = false

  constructor(init: SupervisorInit = {}) {
    super()
    const { sampling = { everyMs: 1_000 }, overrides = {} } = init
    this.#root = new Branch({
      spec: {
        supervisor: 'root',
        children: [],
        strategy: init.strategy ?? 'one-for-one',
        whenExhausted: init.whenExhausted ?? 'escalate',
      },
      parent: undefined,
      rules: {
        strategy: 'one-for-one',
        intensity: init.intensity ?? { max: 10, periodMs: 60_000 },
        whenExhausted: 'escalate',
        backoff: init.backoff ?? { firstMs: 100, maxMs: 5_000, calmMs: 10_000 },
        random: init.random ?? Math.random,
      },
      around: {
        isolations: { thread: spawnThread, process: spawnProcess, ...init.isolations },
        switchboard: this.#switchboard,
        liveness: this.#liveness,
        sampleMs: sampling ? sampling.everyMs : 0,
        changed: (status) => this.emit('change', status),
        sampled: (name, sample) => this.emit('sample', name, sample),
        recorded: (recording) => this.emit('recording', recording),
      },
      events: {
        died: (status, death) => this.emit('death', status, death),
        gaveUp: (status) => this.emit('gaveUp', status),
      },
      change: (spec: ChildSpec) => overridden(spec, overrides[spec.contract.name]),
      onDeath: (_root, death) => this.#exhausted(death),
    })
    if (sampling) this.#vitals = hostVitals(sampling.everyMs, (sample) => (this.#sample = sample))
  }

  /** What the thread that supervises says of itself: it is no actor, and is watched like one. */
  get sample(): ActorSample | undefined {
    return this.#sample
  }

  /** Everything in the tree, in order of start, each supervisor before what is below it. */
  get children(): ChildStatus[] {
    return this.#root.below
  }

  /** Messages that could not be delivered, over the whole tree. */
  get deadLetters(): DeadLetterReport {
    return joinReports([
      this.#switchboard.deadLetters,
      ...this.children.map(({ deadLetters }) => deadLetters),
    ])
  }

  /** A handle for the supervisor's own side. It may be taken before the child is there. */
  ref<C extends AnyContract>(contract: C): ActorRef<C> {
    return this.#switchboard.ref(contract)
  }

  /**
   * A port on which an actor's present life answers an ordinary `Comlink.wrap`: for code that does not know the runtime.
   * It ends with that life, without a word to its pending calls.
   * @param caller the name under which the actor knows it
   * @throws UnknownActor
   */
  port(name: string, caller = 'outside'): MessagePort {
    return this.#switchboard.port(name, caller)
  }

  /**
   * Starts children in the order given, each after the one before is ready. When one fails, those that this call
   * started are stopped again.
   * @param under the supervisor to start them under. @default the root
   * @throws ActorStartFailed, NameTaken, UnknownActor
   */
  async start(specs: readonly Spec[], under?: string): Promise<void> {
    await this.#branch(under).add(specs)
  }

  /** Stops children in reverse order of start and forgets them. Their names may be started again. */
  async remove(names: readonly string[], under?: string): Promise<void> {
    await this.#branch(under).remove(names)
  }

  /**
   * Ends a child at once, as a fault would; the restart policy decides what follows.
   * @throws UnknownActor
   */
  kill(name: string, reason = 'killed'): void {
    this.#find(name).unit.kill(reason)
  }

  /**
   * Injects a fault into a running actor.
   * @throws UnknownActor, FaultNotContained
   */
  inflict(name: string, fault: ActorFault): void {
    this.#switchboard.child(name).inflict(fault)
  }

  /**
   * Tries a child again that was given up.
   * @throws UnknownActor
   */
  revive(name: string): void {
    const { unit, branch } = this.#find(name)
    branch.revive(unit)
  }

  /** @throws UnknownActor, ActorDown, or what the actor refuses it with */
  ask(name: string, question: Question): Promise<unknown> {
    return this.#switchboard.child(name).ask(question)
  }

  /** The last messages through an actor's mailbox. @throws UnknownActor */
  recording(name: string): Recording {
    return this.#switchboard.child(name).recording()
  }

  /** Whether the child's standby could take over now. @throws UnknownActor */
  standbyReady(name: string): boolean {
    return this.#switchboard.child(name).standbyReady
  }

  /** Stops everything in reverse order of start. The supervisor cannot be used again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#vitals?.stop()
    await this.#root.stop('the supervisor is stopping', false)
    this.#liveness.stop()
  }

  #exhausted({ reason }: Death): void {
    if (this.#stopped) return
    this.#vitals?.stop()
    this.#liveness.stop()
    this.emit('exhausted', { reason, children: this.children })
  }

  /** @throws UnknownActor */
  #find(name: string) {
    const found = this.#root.find(name)
    if (!found)
      throw new UnknownActor(
        name,
        this.children.map((child) => child.name),
      )
    return found
  }

  #branch(under: string | undefined): Branch {
    if (under === undefined) return this.#root
    const { unit } = this.#find(under)
    if (!(unit instanceof Branch)) throw new UnknownActor(under, [])
    return unit
  }
}
