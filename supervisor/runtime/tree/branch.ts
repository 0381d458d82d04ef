import { setTimeout as sleep } from 'node:timers/promises'
import { ActorStartFailed } from '../errors.ts'
import { backoffMs, type Backoff } from './backoff.ts'
import { Child, type Surroundings } from './child.ts'
import {
  nameOf,
  type ChildSpec,
  type RestartPolicy,
  type Spec,
  type Strategy,
  type SupervisorSpec,
  type WhenExhausted,
} from './child-spec.ts'
import { RestartIntensity, type Intensity } from './restart-intensity.ts'
import type { ChildState, ChildStatus, Death, Unit } from './unit.ts'

/** The rules of one supervisor. */
export interface Rules {
  readonly strategy: Strategy
  readonly intensity: Intensity
  readonly whenExhausted: WhenExhausted
  readonly backoff: Backoff
  /** Source of the jitter, 0 to 1. */
  readonly random: () => number
}

/** What a branch tells of its units' lives. */
export interface BranchEvents {
  died(status: ChildStatus, death: Death): void
  gaveUp(status: ChildStatus): void
}

/** The lane of those whose lives are tied to each other by the strategy. */
const together = ''

/**
 * One supervisor: starts its units in order, restarts them by its strategy, and stops them in reverse order. It is a
 * unit itself, so that supervisors can stand below supervisors.
 *
 * What it does takes its time, and more may happen meanwhile. As in Erlang/OTP it does one thing after another: under
 * one-for-one for each unit by itself, under rest-for-one and one-for-all for the whole branch. Only `stop`, `remove`
 * and its own end do not wait their turn; what is under way then comes to nothing.
 */
export class Branch implements Unit {
  readonly name: string
  readonly restart: RestartPolicy
  readonly #root: boolean
  readonly #parent: string | null
  readonly #specs: readonly Spec[]
  readonly #rules: Rules
  readonly #around: Surroundings
  readonly #events: BranchEvents
  readonly #onDeath: (branch: Branch, death: Death) => void
  readonly #change: (spec: ChildSpec) => ChildSpec
  readonly #units = new Map<string, Unit>()
  readonly #intensities = new Map<string, RestartIntensity>()
  /** Units that wait for their restart, each with the turn that is to make it. */
  readonly #due = new Map<Unit, symbol>()
  /** What is under way, by lane. Never rejects. */
  readonly #lanes = new Map<string, Promise<void>>()
  /** Units that were not in its spec: they are lost when it is restarted. */
  readonly #added = new Set<Unit>()
  /** Ends of units that are no longer among them. */
  readonly #leaving = new Set<Promise<void>>()
  /** The stop of its units that is under way. */
  #stopping: Promise<void> | undefined
  /** Aborted when this life ends. */
  #life = new AbortController()
  /** Somebody stops it, so that its end is no death. */
  #told = false
  #state: ChildState = 'stopped'
  #since = Date.now()
  #incarnation = 0
  #lastDeath: Death | undefined

  constructor(init: {
    spec: SupervisorSpec
    /** Undefined for the root. */
    parent: string | null | undefined
    rules: Rules
    around: Surroundings
    events: BranchEvents
    onDeath(branch: Branch, death: Death): void
    /** Configuration's last word on a child. */
    change(spec: ChildSpec): ChildSpec
  }) {
    const { spec, rules } = init
    this.name = spec.supervisor
    this.restart = spec.restart ?? 'permanent'
    this.#root = init.parent === undefined
    this.#parent = init.parent ?? null
    this.#specs = spec.children
    this.#rules = {
      ...rules,
      strategy: spec.strategy ?? 'one-for-one',
      intensity: spec.intensity ?? rules.intensity,
      whenExhausted: spec.whenExhausted ?? 'escalate',
    }
    this.#around = init.around
    this.#events = init.events
    this.#onDeath = init.onDeath
    this.#change = init.change
    // The root is there from the beginning; the others have to be started.
    if (this.#root) this.#state = 'running'
    else this.#life.abort()
  }

  get state(): ChildState {
    return this.#state
  }

  get lastDeath(): Death | undefined {
    return this.#lastDeath
  }

  get statuses(): ChildStatus[] {
    return [this.status, ...this.below]
  }

  /** All that is below it, in order of start. */
  get below(): ChildStatus[] {
    return [...this.#units.values()].flatMap(({ statuses }) => statuses)
  }

  get status(): ChildStatus {
    return {
      name: this.name,
      kind: 'supervisor',
      parent: this.#parent,
      state: this.#state,
      since: this.#since,
      isolation: null,
      pid: null,
      incarnation: this.#incarnation,
      restarts: Math.max(0, this.#incarnation - 1),
      lastDeath: this.#lastDeath,
      sample: undefined,
      deadLetters: { counts: {}, recent: [] },
    }
  }

  enter(state: ChildState): void {
    if (this.#state === state) return
    this.#state = state
    this.#since = Date.now()
    // The root is nobody's child.
    if (!this.#root) this.#around.changed(this.status)
  }

  async start(): Promise<void> {
    this.enter(this.#incarnation === 0 ? 'starting' : 'restarting')
    this.#incarnation++
    const life = new AbortController()
    this.#life = life
    this.#told = false
    this.#lastDeath = undefined
    try {
      this.#populate()
      await this.#inTurn(together, () => this.#startAll([...this.#units.values()], life.signal))
      if (life.signal.aborted) throw this.#notStarted()
    } catch (error) {
      life.abort()
      this.#lastDeath ??= failedStart(error)
      await this.#stopUnits('its supervisor did not start', true)
      throw error
    }
    this.enter('running')
  }

  /**
   * Starts children in the order given, each after the one before is ready. When one fails, those that this call
   * started are stopped again.
   * @throws ActorStartFailed, NameTaken
   */
  async add(specs: readonly Spec[]): Promise<void> {
    const { signal } = this.#life
    const start = async () => {
      const added: Unit[] = []
      try {
        if (signal.aborted) throw this.#notStarted(specs.map(nameOf).join(', '))
        for (const spec of specs) added.push(this.#unit(spec))
        for (const unit of added) this.#added.add(unit)
        await this.#startAll(added, signal)
      } catch (error) {
        for (const unit of added.toReversed()) await this.#drop(unit)
        throw error
      }
    }
    if (this.#rules.strategy !== 'one-for-one') return this.#inTurn(together, start)
    // What is in its spec comes first.
    const starting = this.#lanes.get(together)
    await (starting ? starting.then(start) : start())
  }

  /** Stops units in reverse order of start and forgets them. Their names may be started again. */
  async remove(names: readonly string[]): Promise<void> {
    for (const unit of [...this.#units.values()].reverse())
      if (names.includes(unit.name)) await this.#drop(unit)
  }

  async stop(reason: string, back: boolean): Promise<void> {
    this.#told = true
    this.#life.abort()
    this.enter('stopping')
    await this.#stopUnits(reason, back)
    this.enter('stopped')
  }

  kill(reason: string): void {
    void this.#fail({ at: Date.now(), reason, normal: false, deliberate: true })
  }

  awaited(reason: string): void {
    this.enter('restarting')
    for (const unit of this.#units.values()) unit.awaited(reason)
  }

  givenUp(reason: string): void {
    for (const unit of this.#units.values()) {
      unit.enter('stopped')
      unit.givenUp(reason)
    }
  }

  /** @returns the unit of this name, here or below */
  find(name: string): { unit: Unit; branch: Branch } | undefined {
    const unit = this.#units.get(name)
    if (unit) return { unit, branch: this }
    for (const other of this.#units.values()) {
      const found = other instanceof Branch ? other.find(name) : undefined
      if (found) return found
    }
    return undefined
  }

  /** Tries a unit again that was given up, with those that were left down with it. */
  revive(unit: Unit): void {
    if (unit.state !== 'failed' || this.#life.signal.aborted) return
    for (const tied of this.#affectedBy(unit)) {
      if (tied.state !== 'failed') continue
      this.#intensityOf(tied).reset()
      tied.enter('restarting')
    }
    this.#schedule(unit, false)
  }

  /** @throws ActorStartFailed */
  async #startAll(units: readonly Unit[], signal: AbortSignal): Promise<void> {
    for (const unit of units) {
      // It was stopped before its turn came.
      if (signal.aborted || !this.#has(unit)) throw this.#notStarted(unit.name)
      try {
        await unit.start()
      } catch (error) {
        if (this.#state !== 'running' && !signal.aborted) this.#lastDeath = unit.lastDeath
        throw error
      }
    }
  }

  #notStarted(name = this.name): ActorStartFailed {
    return new ActorStartFailed(name, this.#lastDeath?.reason ?? 'its supervisor is not running')
  }

  /** A new life begins with what is in the spec: what was added since is lost, what was removed is back. */
  #populate(): void {
    for (const unit of this.#added) {
      this.#units.delete(unit.name)
      unit.givenUp('it is not in the spec of its supervisor, which was restarted')
      this.#forget(unit)
    }
    const before = new Map(this.#units)
    this.#units.clear()
    for (const spec of this.#specs) {
      const unit = before.get(nameOf(spec))
      if (!unit) this.#unit(spec)
      else {
        this.#units.set(unit.name, unit)
        // Whoever calls it waits until its turn comes.
        unit.enter('restarting')
      }
    }
  }

  async #drop(unit: Unit): Promise<void> {
    if (!this.#has(unit)) return
    const next = this.#due.has(unit)
      ? this.#affectedBy(unit).find((tied) => this.#waitsFor(unit, tied))
      : undefined
    this.#units.delete(unit.name)
    // Who was to be restarted with it still wants to be back.
    if (next) this.#schedule(next, false)
    const left = unit.stop('it was stopped', false).then(() => {
      this.#intensities.delete(unit.name)
      this.#forget(unit)
      this.#leaving.delete(left)
    })
    this.#leaving.add(left)
    await left
  }

  #forget(unit: Unit): void {
    this.#added.delete(unit)
    if (unit instanceof Child) return this.#around.switchboard.remove(unit)
    if (!(unit instanceof Branch)) return
    this.#around.switchboard.release(unit.name)
    for (const below of unit.#units.values()) unit.#forget(below)
  }

  /** @throws NameTaken */
  #unit(spec: Spec): Unit {
    const died = (unit: Unit, death: Death) => this.#died(unit, death)
    const parent = this.#root ? null : this.name
    if ('supervisor' in spec) {
      this.#around.switchboard.claim(spec.supervisor)
      const branch = new Branch({
        spec,
        parent,
        rules: this.#rules,
        around: this.#around,
        events: this.#events,
        onDeath: died,
        change: this.#change,
      })
      this.#units.set(branch.name, branch)
      return branch
    }
    const child = new Child(this.#change(spec), parent, this.#around, died)
    this.#around.switchboard.add(child)
    this.#units.set(child.name, child)
    return child
  }

  /** One stop after another: who comes while one is under way waits for that, too. */
  async #stopUnits(reason: string, back: boolean): Promise<void> {
    while (this.#stopping) await this.#stopping
    await (this.#stopping = this.#stopAll(reason, back).finally(() => (this.#stopping = undefined)))
  }

  async #stopAll(reason: string, back: boolean): Promise<void> {
    for (const unit of [...this.#units.values()].reverse()) await unit.stop(reason, back)
    await Promise.all([...this.#lanes.values(), ...this.#leaving])
    this.#intensities.clear()
  }

  #died(unit: Unit, death: Death): void {
    if (!this.#has(unit) || unit.state === 'stopping' || unit.state === 'stopped') return
    this.#events.died(statusOf(unit), death)
    if (unit.restart === 'temporary' || (unit.restart === 'transient' && death.normal)) {
      unit.enter('stopped')
      unit.givenUp(death.reason)
      return
    }
    unit.awaited(death.reason)
    this.#schedule(unit, !death.deliberate)
  }

  #schedule(unit: Unit, counts: boolean): void {
    const lane = this.#rules.strategy === 'one-for-one' ? unit.name : together
    const turn = Symbol(unit.name)
    this.#due.set(unit, turn)
    void this.#inTurn(lane, async () => {
      // Not when it was restarted with another one meanwhile: of what falls together one failure counts.
      if (this.#due.get(unit) === turn) await this.#recover(unit, counts)
    })
  }

  /** Does one thing after another in each lane. */
  #inTurn(lane: string, act: () => Promise<void>): Promise<void> {
    const turn = (this.#lanes.get(lane) ?? Promise.resolve()).then(act)
    const over = turn
      .catch(() => {})
      .then(() => {
        if (this.#lanes.get(lane) === over) this.#lanes.delete(lane)
      })
    this.#lanes.set(lane, over)
    return turn
  }

  /**
   * One restart, with those that the strategy ties to the unit. When one of them does not come up, that one is the next
   * to be recovered.
   * @param counts whether it follows a failure
   */
  async #recover(unit: Unit, counts: boolean): Promise<void> {
    this.#due.delete(unit)
    if (!this.#wanted(unit)) return
    const { backoff, random } = this.#rules
    const intensity = this.#intensityOf(unit)
    const attempt = intensity.recent(Date.now(), backoff.calmMs)
    if (counts && !intensity.allow(Date.now())) return this.#exhausted(unit)
    const affected = this.#affectedBy(unit)
    for (const tied of affected) this.#due.delete(tied)
    for (const other of affected.toReversed()) if (other !== unit) await this.#takeDown(other, unit)
    await this.#pause(backoffMs(backoff, attempt, random))
    for (const next of affected) {
      if (this.#life.signal.aborted) return
      if (next.state === 'stopped' && next.restart !== 'temporary' && this.#has(next))
        next.enter('restarting')
      if (!this.#wanted(next)) continue
      try {
        await next.start()
      } catch (error) {
        if (this.#life.signal.aborted) return
        // It was removed meanwhile. The others still want to be back.
        if (!this.#has(next)) continue
        const death = next.lastDeath
        if (!death) throw error
        next.awaited(death.reason)
        this.#schedule(next, !death.deliberate)
        return this.#events.died(statusOf(next), death)
      }
    }
  }

  /** Stops one that shall begin anew with `unit`. */
  async #takeDown(other: Unit, unit: Unit): Promise<void> {
    // A supervisor that is about to fail is `stopping`: it is waited for, and its failure is none any more.
    if (!this.#has(other) || !(other.state === 'running' || other.state === 'stopping')) return
    const reason = `restarted with ${unit.name}`
    const back = other.restart !== 'temporary'
    await other.stop(reason, back)
    if (back && this.#has(other) && !this.#life.signal.aborted) other.awaited(reason)
  }

  /** Whether `tied` is down until the restart of `unit`, and has no turn of its own. */
  #waitsFor(unit: Unit, tied: Unit): boolean {
    return tied !== unit && tied.state === 'restarting' && !this.#due.has(tied)
  }

  #affectedBy(unit: Unit): Unit[] {
    const all = [...this.#units.values()]
    if (this.#rules.strategy === 'one-for-one') return [unit]
    return this.#rules.strategy === 'one-for-all' ? all : all.slice(all.indexOf(unit))
  }

  async #exhausted(unit: Unit): Promise<void> {
    const { max, periodMs } = this.#rules.intensity
    const why = unit.lastDeath?.reason ?? 'it did not start'
    unit.enter('failed')
    this.#events.gaveUp(statusOf(unit))
    if (this.#rules.whenExhausted === 'give-up') {
      unit.givenUp(why)
      return this.#leaveDown(unit)
    }
    const reason = `${unit.name} went down more than ${max} times in ${periodMs / 1000} s, last: ${why}`
    // In OTP its reason is `shutdown`, which is a normal one.
    void this.#fail({ at: Date.now(), reason, normal: true, deliberate: false })
  }

  /** Who was started after a unit that is given up, and is tied to it, is down with it. */
  async #leaveDown(unit: Unit): Promise<void> {
    const affected = this.#affectedBy(unit)
    for (const after of affected.slice(affected.indexOf(unit) + 1).toReversed()) {
      if (after.state === 'stopped' || after.state === 'failed') continue
      await after.stop(`${unit.name} did not come back`, false)
      // It was revived meanwhile, and will restart this one with it.
      if (unit.state === 'restarting') return
      if (after.restart !== 'temporary' && this.#has(after) && !this.#life.signal.aborted)
        after.enter('failed')
    }
  }

  /** The branch is at its end: what is left of it stops in good order, and its supervisor is told. */
  async #fail(death: Death): Promise<void> {
    if (this.#life.signal.aborted) return
    this.#life.abort()
    this.#lastDeath = death
    const starting = this.#state !== 'running'
    if (!starting) this.enter('stopping')
    // The root is not coming back.
    await this.#stopUnits(death.reason, !this.#root && this.restart !== 'temporary')
    // `start` tells it then, or whoever stops it knows.
    if (starting || this.#told) return
    this.enter('failed')
    this.#onDeath(this, death)
  }

  /** OTP counts restarts per supervisor; who gives up single children has to count them singly. */
  #intensityOf(unit: Unit): RestartIntensity {
    const key = this.#rules.whenExhausted === 'give-up' ? unit.name : ''
    let intensity = this.#intensities.get(key)
    if (!intensity) this.#intensities.set(key, (intensity = new RestartIntensity(this.#rules.intensity)))
    return intensity
  }

  async #pause(ms: number): Promise<void> {
    if (ms === 0) return
    const { signal } = this.#life
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  #has(unit: Unit): boolean {
    return this.#units.get(unit.name) === unit
  }

  #wanted(unit: Unit): boolean {
    return unit.state === 'restarting' && !this.#life.signal.aborted && this.#has(unit)
  }
}

function failedStart(error: unknown): Death {
  const reason = error instanceof Error ? error.message : String(error)
  return { at: Date.now(), reason, normal: false, deliberate: false }
}

function statusOf(unit: Unit): ChildStatus {
  const [status] = unit.statuses
  if (!status) throw new Error(`${unit.name} has no status`)
  return status
}
