import fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Supervisor, type ChildStatus } from '../../../../supervisor/runtime/index.ts'
import { FakeIsolates } from './fake-isolates.ts'
import type { Plan } from './otp-model.ts'
import { anyPlan, anyRoot, Names, pick, specOf, supervisorInit, type RootPlan } from './random-trees.ts'
import { same } from './same.ts'

/*
 * Random trees, to which things happen while others are under way: isolates load, start, stop and end in whatever order
 * fast-check chooses. What comes of it depends on the order; what is looked at here must hold in each. A failure prints
 * its seed and the shortest case that fails; RUNS=n runs n cases.
 */
const numRuns = Number(process.env['RUNS'] ?? 4_000)

/** `at`, `under`: which of those there are, counted round. */
type Command =
  | { what: 'let some of it happen'; steps: number }
  | { what: 'end'; at: number; normally: boolean }
  | { what: 'kill'; at: number }
  | { what: 'let starts fail'; at: number; times: number }
  | { what: 'add'; under: number; plans: Plan[] }
  | { what: 'remove'; at: number }
  | { what: 'revive'; at: number }
  | { what: 'stop' }

const at = fc.nat(20)
const time = fc.record({
  what: fc.constant('let some of it happen'),
  steps: fc.integer({ min: 1, max: 8 }),
})
const end = fc.record({ what: fc.constant('end'), at, normally: fc.boolean() })
const kill = fc.record({ what: fc.constant('kill'), at })
const failing = fc.record({ what: fc.constant('let starts fail'), at, times: fc.integer({ min: 1, max: 3 }) })
const add = fc.record({
  what: fc.constant('add'),
  under: at,
  plans: fc.array(anyPlan, { minLength: 1, maxLength: 2 }),
})
const remove = fc.record({ what: fc.constant('remove'), at })
const revive = fc.record({ what: fc.constant('revive'), at })
const stop = fc.record({ what: fc.constant('stop') })
const step: fc.Arbitrary<Command> = fc.oneof(time, end, kill, time, end, failing, time, add, remove, revive)
const anyCommands = fc
  .tuple(fc.array(step, { maxLength: 30, size: 'max' }), fc.option(stop), fc.array(step))
  .map(([before, stop, after]): Command[] => (stop ? [...before, stop, ...after] : before))

const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

class Chaos {
  readonly #scheduler: fc.Scheduler
  readonly #isolates: FakeIsolates
  readonly #supervisor: Supervisor
  readonly #names = new Names()
  /** What was asked of the supervisor and is not settled. */
  readonly #open = new Map<Promise<unknown>, string>()
  #exhausted = 0

  constructor(root: RootPlan, scheduler: fc.Scheduler) {
    this.#scheduler = scheduler
    const chains = new Map<string, Promise<void>>()
    this.#isolates = new FakeIsolates((isolate, what, act) => {
      // What one isolate says arrives in order; the isolates among each other in any.
      const before = chains.get(isolate) ?? Promise.resolve()
      const step = async () => {
        await scheduler.schedule(Promise.resolve(), `${isolate} ${what}`)
        act()
      }
      chains.set(isolate, before.then(step))
    })
    this.#supervisor = new Supervisor(supervisorInit(root, this.#isolates))
    this.#supervisor.on('exhausted', () => this.#exhausted++)
  }

  async run(root: RootPlan, commands: readonly Command[]): Promise<void> {
    try {
      await this.#run(root, commands)
    } catch (error) {
      // What is left of it would keep this process from ending.
      this.#ask('clean up', this.#supervisor.stop())
      await this.#happen(Infinity)
      throw error
    }
  }

  async #run(root: RootPlan, commands: readonly Command[]): Promise<void> {
    this.#ask('first start', this.#supervisor.start(this.#names.give(root).children.map(specOf)))
    for (const command of commands) await this.#carryOut(command)
    await this.#happen(Infinity)
    this.#atRest()
    const { children } = this.#supervisor
    this.#isolates.trace = []
    this.#ask('last stop', this.#supervisor.stop())
    await this.#happen(Infinity)
    this.#stopped(children)
  }

  /** What must hold when nothing is under way any more. */
  #atRest(): void {
    same('rejections that nobody handles', unhandled.map(String), [])
    same('what must not be', this.#isolates.violations, [])
    same('what was asked and is not settled', [...this.#open.values()], [])
    const { children } = this.#supervisor
    for (const { name, state, parent } of children) {
      assert.ok(['running', 'stopped', 'failed'].includes(state), `${name} is ${state} at rest`)
      const above = children.find((child) => child.name === parent)
      if (above && above.state !== 'running')
        assert.is(state, 'stopped', `${name}, under ${above.name}, which is ${above.state}`)
    }
    const running = runningActors(children)
    same('isolates of those who run', this.#isolates.live, running.toSorted())
    if (this.#exhausted > 0) same('running in a tree that has stopped itself', running, [])
    assert.ok(this.#exhausted <= 1)
  }

  #stopped(before: readonly ChildStatus[]): void {
    same('rejections that nobody handles', unhandled.map(String), [])
    same('what was asked and is not settled', [...this.#open.values()], [])
    same('isolates after the stop', this.#isolates.live, [])
    for (const { name, state } of this.#supervisor.children) assert.is(state, 'stopped', name)
    const backwards = runningActors(before)
      .toReversed()
      .map((name) => `-${name}`)
    same('they stop in reverse order of start', this.#isolates.trace, backwards)
  }

  async #carryOut(command: Command): Promise<void> {
    const supervisor = this.#supervisor
    const { children } = supervisor
    const child = 'at' in command ? pick(children, command.at) : undefined
    switch (command.what) {
      case 'let some of it happen':
        return this.#happen(command.steps)
      case 'end': {
        const actor = pick(runningActors(children), command.at)
        if (actor !== undefined) this.#isolates.end(actor, command.normally)
        return
      }
      case 'kill':
        return child && supervisor.kill(child.name)
      case 'let starts fail':
        if (child) this.#isolates.failing.set(child.name, command.times)
        return
      case 'add': {
        const supervisors = children.filter(({ kind }) => kind === 'supervisor')
        const under = pick([undefined, ...supervisors], command.under)?.name
        const plans = command.plans.map((plan) => this.#names.give(plan))
        return this.#ask(
          `${plans.map(({ name }) => name).join(', ')} under ${under ?? 'root'}`,
          supervisor.start(plans.map(specOf), under),
        )
      }
      case 'remove':
        return (
          child &&
          this.#ask(`remove ${child.name}`, supervisor.remove([child.name], child.parent ?? undefined))
        )
      case 'revive':
        return child && supervisor.revive(child.name)
      case 'stop':
        return this.#ask('stop', supervisor.stop())
    }
  }

  #ask(what: string, asked: Promise<void>): void {
    this.#open.set(asked, what)
    const settled = () => this.#open.delete(asked)
    // Whether it is carried out or refused depends on the order.
    asked.then(settled, settled)
  }

  async #happen(steps: number): Promise<void> {
    for (let n = 0; n < steps; n++) {
      await turn()
      if (this.#scheduler.count() === 0) return
      await this.#scheduler.waitNext(1)
    }
  }
}

function runningActors(children: readonly ChildStatus[]): string[] {
  return children.filter(({ kind, state }) => kind === 'actor' && state === 'running').map(({ name }) => name)
}

test('whatever happens while something is under way, no actor lives twice, is lost, or is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(anyRoot, anyCommands, fc.scheduler(), (root, commands, scheduler) =>
      new Chaos(root, scheduler).run(root, commands),
    ),
    { numRuns, includeErrorInReport: true },
  )
})

test.run()
