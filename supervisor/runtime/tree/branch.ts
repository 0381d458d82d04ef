import { setTimeout as sleep } from 'node:timers/promises'
import { ActorStartFailed, NameTaken } from '../errors.ts'
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

/**
 * One supervisor: starts its units in order, restarts them by its strategy, and stops them in reverse order. It is a
 * unit itself, so that supervisors can stand below supervisors.
 *
 * Restarts of one unit run one after another; under rest-for-one and one-for-all those of the whole branch do.
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
  readonly #recoveries = new Map<string, Promise<void>>()
  #life = new AbortController()
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
    this.#life = new AbortController()
    if (this.#units.size === 0) for (const spec of this.#specs) this.#unit(spec)
    try {
      await this.#startAll([...this.#units.values()])
    } catch (error) {
      this.enter('stopping')
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
    const added = specs.map((spec) => this.#unit(spec))
    try {
      await this.#startAll(added)
    } catch (error) {
      await this.remove(added.map(({ name }) => name))
      throw error
    }
  }

  /** Stops units in reverse order of start and forgets them. Their names may be started again. */
  async remove(names: readonly string[]): Promise<void> {
    for (const unit of [...this.#units.values()].reverse()) {
      if (!names.includes(unit.name)) continue
      this.#units.delete(unit.name)
      await unit.stop('it was stopped', false)
      this.#forget(unit)
    }
  }

  async stop(reason: string, back: boolean): Promise<void> {
    this.enter('stopping')
    this.#life.abort()
    await this.#stopUnits(reason, back)
    this.enter('stopped')
  }

  kill(reason: string): void {
    void this.#fail({ at: Date.now(), reason, normal: false, deliberate: true })
  }

  awaited(): void {
    this.enter('restarting')
  }

  givenUp(reason: string): void {
    for (const unit of this.#units.values()) unit.givenUp(reason)
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

  /** Tries a unit again that was given up. */
  revive(unit: Unit): void {
    if (unit.state !== 'failed') return
    this.#intensityOf(unit).reset()
    unit.enter('restarting')
    this.#schedule(unit, true)
  }

  async #startAll(units: readonly Unit[]): Promise<void> {
    for (const unit of units) {
      try {
        await unit.start()
      } catch (error) {
        this.#lastDeath = unit.lastDeath
        throw error
      }
    }
  }

  #forget(unit: Unit): void {
    if (unit instanceof Child) this.#around.switchboard.remove(unit)
    else if (unit instanceof Branch) for (const below of unit.#units.values()) unit.#forget(below)
  }

  /** @throws NameTaken */
  #unit(spec: Spec): Unit {
    const died = (unit: Unit, death: Death) => this.#died(unit, death)
    const parent = this.#root ? null : this.name
    if (this.#units.has(nameOf(spec))) throw new NameTaken(nameOf(spec))
    if ('supervisor' in spec) {
      const branch = new Branch({
        spec,
        parent,
        rules: this.#rules,
        around: this.#around,
        events: this.#events,
        onDeath: died,
        change: this.#change,
      })
      this.#units.set(nameOf(spec), branch)
      return branch
    }
    const child = new Child(this.#change(spec), parent, this.#around, died)
    this.#around.switchboard.add(child)
    this.#units.set(nameOf(spec), child)
    return child
  }

  async #stopUnits(reason: string, back: boolean): Promise<void> {
    for (const unit of [...this.#units.values()].reverse()) await unit.stop(reason, back)
    await Promise.all(this.#recoveries.values())
    this.#recoveries.clear()
    this.#intensities.clear()
  }

  #died(unit: Unit, death: Death): void {
    if (this.#units.get(unit.name) !== unit) return
    if (unit.state === 'stopping' || unit.state === 'stopped') return
    this.#events.died(statusOf(unit), death)
    if (unit.restart === 'temporary' || (unit.restart === 'transient' && death.normal)) {
      unit.enter('stopped')
      unit.givenUp(death.reason)
      return
    }
    unit.awaited(death.reason)
    this.#schedule(unit, death.deliberate)
  }

  #schedule(unit: Unit, deliberate: boolean): void {
    const lane = this.#rules.strategy === 'one-for-one' ? unit.name : ''
    const before = this.#recoveries.get(lane) ?? Promise.resolve()
    this.#recoveries.set(
      lane,
      before.then(() => this.#recover(unit, deliberate)),
    )
  }

  async #recover(unit: Unit, deliberate: boolean): Promise<void> {
    if (!this.#wanted(unit)) return
    const affected = this.#affectedBy(unit)
    for (const other of affected.toReversed()) {
      if (other === unit || other.state !== 'running') continue
      const back = other.restart !== 'temporary'
      await other.stop(`restarted with ${unit.name}`, back)
      if (back) other.awaited(`restarted with ${unit.name}`)
    }
    for (const [place, next] of affected.entries()) {
      if (
        next !== unit &&
        (next.restart === 'temporary' || next.state === 'running' || next.state === 'failed')
      )
        continue
      if (next.state === 'stopped') next.enter('restarting')
      if (await this.#bringBack(next, next === unit && !deliberate)) continue
      for (const after of affected.slice(place + 1)) this.#leaveDown(after, `${next.name} did not come back`)
      return
    }
  }

  #affectedBy(unit: Unit): Unit[] {
    const all = [...this.#units.values()]
    if (this.#rules.strategy === 'one-for-one') return [unit]
    return this.#rules.strategy === 'one-for-all' ? all : all.slice(all.indexOf(unit))
  }

  /**
   * Tries until it is up, the intensity is used up, or it is no longer wanted.
   * @param counts whether the first try is one after a failure
   */
  async #bringBack(unit: Unit, counts: boolean): Promise<boolean> {
    const intensity = this.#intensityOf(unit)
    while (this.#wanted(unit)) {
      const attempt = intensity.recent(Date.now(), this.#rules.backoff.calmMs)
      if (counts && !intensity.allow(Date.now())) {
        this.#exhausted(unit)
        return false
      }
      await this.#pause(backoffMs(this.#rules.backoff, attempt, this.#rules.random))
      if (!this.#wanted(unit)) return false
      try {
        await unit.start()
        return true
      } catch (error) {
        if (!this.#wanted(unit) && this.#life.signal.aborted) return false
        const death = unit.lastDeath
        if (!(error instanceof ActorStartFailed) || !death) throw error
        counts = !death.deliberate
        this.#events.died(statusOf(unit), death)
        unit.enter('restarting')
      }
    }
    return false
  }

  #exhausted(unit: Unit): void {
    const { max, periodMs } = this.#rules.intensity
    const why = unit.lastDeath?.reason ?? 'it did not start'
    unit.enter('failed')
    this.#events.gaveUp(statusOf(unit))
    if (this.#rules.whenExhausted === 'give-up') return unit.givenUp(why)
    const reason = `${unit.name} went down more than ${max} times in ${periodMs / 1000} s, last: ${why}`
    void this.#fail({ at: Date.now(), reason, normal: false, deliberate: false })
  }

  /** The branch is at its end: what is left of it stops in good order, and its supervisor is told. */
  async #fail(death: Death): Promise<void> {
    if (this.#life.signal.aborted) return
    this.#life.abort()
    this.#lastDeath = death
    this.enter('stopping')
    await this.#stopUnits(death.reason, this.restart !== 'temporary')
    this.enter('failed')
    this.#onDeath(this, death)
  }

  #leaveDown(unit: Unit, reason: string): void {
    if (unit.state !== 'restarting') return
    unit.enter('failed')
    unit.givenUp(reason)
  }

  /** OTP counts restarts per supervisor; who gives up single children has to count them singly. */
  #intensityOf(unit: Unit): RestartIntensity {
    const key = this.#rules.whenExhausted === 'give-up' ? unit.name : ''
    let intensity = this.#intensities.get(key)
    if (!intensity) this.#intensities.set(key, (intensity = new RestartIntensity(this.#rules.intensity)))
    return intensity
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#life
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  #wanted(unit: Unit): boolean {
    return unit.state === 'restarting' && !this.#life.signal.aborted && this.#units.get(unit.name) === unit
  }
}

function statusOf(unit: Unit): ChildStatus {
  const [status] = unit.statuses
  if (!status) throw new Error(`${unit.name} has no status`)
  return status
}
