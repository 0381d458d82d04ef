import fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Supervisor } from '../../../../supervisor/runtime/index.ts'
import { RestartIntensity } from '../../../../supervisor/runtime/tree/restart-intensity.ts'
import { FakeIsolates } from './fake-isolates.ts'
import { isSupervisor, OtpModel, type How, type Node, type Plan } from './otp-model.ts'
import { anyPlan, anyRoot, Names, pick, specOf, supervisorInit, type RootPlan } from './random-trees.ts'
import { same } from './same.ts'

/*
 * Random trees under random failures, compared after each step with what Erlang/OTP would do; and the same trees in
 * every order in which the isolates may answer, where only what must always hold is looked at. A failure prints its
 * seed and the shortest case that fails; RUNS=n runs n cases.
 */
const numRuns = Number(process.env['RUNS'] ?? 500)

/** `at`, `under`: which of the actors or supervisors there are, counted round. */
type Command =
  | { what: 'end'; at: number; how: How; others: { at: number; how: How }[] }
  | { what: 'kill supervisor'; at: number }
  | { what: 'let starts fail'; at: number; times: number }
  | { what: 'add'; under: number; plan: Plan; fails: boolean }
  | { what: 'remove'; at: number }
  | { what: 'revive'; at: number }

const at = fc.nat(20)
const how = fc.constantFrom<How>('normally', 'abnormally', 'abnormally', 'killed')
const anyCommand = fc.oneof<fc.Arbitrary<Command>[]>(
  fc.record({
    what: fc.constant('end'),
    at,
    how,
    others: fc.array(fc.record({ at, how }), { maxLength: 2 }),
  }),
  fc.record({ what: fc.constant('end'), at, how, others: fc.constant([]) }),
  fc.record({ what: fc.constant('kill supervisor'), at }),
  fc.record({ what: fc.constant('let starts fail'), at, times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ what: fc.constant('add'), under: at, plan: anyPlan, fails: fc.boolean() }),
  fc.record({ what: fc.constant('remove'), at }),
  fc.record({ what: fc.constant('revive'), at }),
)
const anyCommands = fc.array(anyCommand, { maxLength: 25, size: 'max' })

/** What is done to the supervisor is done to the model, and both are looked at. */
class Comparison {
  readonly #isolates = new FakeIsolates()
  readonly #supervisor: Supervisor
  readonly #model: OtpModel
  readonly #names = new Names()
  readonly #root: RootPlan
  #exhausted = 0

  constructor(root: RootPlan) {
    this.#root = this.#names.give(root)
    this.#model = new OtpModel({ ...root, children: [] })
    this.#supervisor = new Supervisor(supervisorInit(root, this.#isolates))
    this.#supervisor.on('exhausted', () => this.#exhausted++)
  }

  async run(commands: readonly Command[]): Promise<void> {
    for (const plan of this.#root.children) this.#model.add(plan, this.#model.root)
    await this.#supervisor.start(this.#root.children.map(specOf))
    await this.#compare('start')
    for (const command of commands) {
      await this.#carryOut(command)
      await this.#compare(command.what)
    }
    this.#model.stop()
    await this.#supervisor.stop()
    await this.#compare('stop')
  }

  async #carryOut(command: Command): Promise<void> {
    const model = this.#model
    const { nodes } = model
    const actors = nodes.filter(({ plan }) => !isSupervisor(plan))
    const supervisors = nodes.filter(({ plan }) => isSupervisor(plan))
    switch (command.what) {
      case 'end': {
        const first = pick(actors.filter(isRunning), command.at)
        const siblings = actors.filter((other) => other.parent === first?.parent && isRunning(other))
        const ended = new Map<Node, How>()
        if (first) ended.set(first, command.how)
        // Under one-for-one restarts go side by side, which the model, where one thing follows another, cannot tell.
        const tied = first?.parent?.plan
        for (const { at, how } of command.others) {
          const other = pick(siblings, at)
          if (tied && isSupervisor(tied) && tied.strategy !== 'one-for-one' && other && !ended.has(other))
            ended.set(other, how)
        }
        for (const [{ name }, how] of ended) {
          if (how === 'killed') this.#supervisor.kill(name)
          else this.#isolates.end(name, how === 'normally')
        }
        return model.end([...ended])
      }
      case 'kill supervisor': {
        const node = pick(supervisors.filter(isRunning), command.at)
        if (!node) return
        this.#supervisor.kill(node.name)
        return model.end([[node, 'killed']])
      }
      case 'let starts fail': {
        const node = pick(actors, command.at)
        if (!node) return
        this.#isolates.failing.set(node.name, command.times)
        model.failing.set(node.name, command.times)
        return
      }
      case 'add': {
        const under = pick([model.root, ...supervisors], command.under)
        if (!under) return
        const plan = this.#names.give(command.plan)
        if (command.fails && !isSupervisor(plan)) {
          this.#isolates.failing.set(plan.name, 1)
          model.failing.set(plan.name, 1)
        }
        const added = this.#supervisor.start([specOf(plan)], under === model.root ? undefined : under.name)
        const started = added.then(
          () => true,
          () => false,
        )
        assert.is(model.add(plan, under), await started, `${plan.name} starts under ${under.name}`)
        return
      }
      case 'remove': {
        const node = pick(nodes, command.at)
        if (!node) return
        const under = node.parent === model.root ? undefined : node.parent?.name
        await this.#supervisor.remove([node.name], under)
        return model.remove(node)
      }
      case 'revive': {
        const node = pick(nodes, command.at)
        if (!node) return
        this.#supervisor.revive(node.name)
        return model.revive(node)
      }
    }
  }

  async #compare(after: string): Promise<void> {
    // Everything in memory happens in microtasks.
    await turn()
    const isolates = this.#isolates
    same('what must not be', isolates.violations, [])
    same(`starts and stops after ${after}`, isolates.trace, this.#model.trace)
    const seen = this.#supervisor.children.map(
      ({ name, parent, state, incarnation }) =>
        `${name} under ${parent ?? 'root'} ${state}, life ${incarnation}`,
    )
    const expected = this.#model.nodes.map(
      ({ name, parent, state, lives }) => `${name} under ${parent?.name} ${state}, life ${lives}`,
    )
    same(`children after ${after}`, seen, expected)
    const running = this.#model.nodes.filter((node) => isRunning(node) && !isSupervisor(node.plan))
    same(`isolates after ${after}`, isolates.live, running.map(({ name }) => name).toSorted())
    assert.is(this.#exhausted, this.#model.exhausted ? 1 : 0, `exhausted after ${after}`)
  }
}

function isRunning({ state }: Node): boolean {
  return state === 'running'
}

test('a tree does what Erlang/OTP would, step by step', async () => {
  await fc.assert(
    fc.asyncProperty(anyRoot, anyCommands, (root, commands) => new Comparison(root).run(commands)),
    { numRuns, includeErrorInReport: true },
  )
})

test('restarts count within the period and are forgotten after it', () => {
  fc.assert(
    fc.property(
      fc.nat(4),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.nat(60), { maxLength: 40 }),
      (max, periodMs, waits) => {
        const intensity = new RestartIntensity({ max, periodMs })
        const allowed: number[] = []
        let now = 0
        for (const wait of waits) {
          now += wait
          const recent = allowed.filter((time) => now - time < periodMs).length
          assert.is(intensity.allow(now), recent < max)
          if (recent < max) allowed.push(now)
        }
      },
    ),
  )
})

test.run()
