import fc from 'fast-check'
import {
  childSpec,
  defineContract,
  type Spec,
  type SupervisorInit,
} from '../../../../supervisor/runtime/index.ts'
import type { FakeIsolates } from './fake-isolates.ts'
import { isSupervisor, type Plan, type SupervisorPlan } from './otp-model.ts'

export type RootPlan = Omit<SupervisorPlan, 'name' | 'restart'>

const restart = fc.constantFrom('permanent', 'permanent', 'transient', 'temporary')
const rules = {
  strategy: fc.constantFrom('one-for-one', 'rest-for-one', 'one-for-all'),
  max: fc.nat(3),
  whenExhausted: fc.constantFrom('escalate', 'escalate', 'give-up'),
} as const
export const { plan: anyPlan } = fc.letrec<{ plan: Plan; actor: Plan; supervisor: Plan }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { arbitrary: tie('actor'), weight: 2 },
    tie('supervisor'),
  ),
  actor: fc.record({ name: fc.constant(''), restart }),
  supervisor: fc.record({
    name: fc.constant(''),
    restart,
    ...rules,
    children: fc.array(tie('plan'), { minLength: 1, maxLength: 3 }),
  }),
}))
export const anyRoot: fc.Arbitrary<RootPlan> = fc.record({
  ...rules,
  children: fc.array(anyPlan, { minLength: 1, maxLength: 4 }),
})

/** Gives each actor and supervisor a name that nobody else has. */
export class Names {
  #actors = 0
  #supervisors = 0

  give<P extends { children: readonly Plan[] } | Plan>(plan: P): P {
    if (!('children' in plan)) return { ...plan, name: `actor${++this.#actors}` }
    const name = 'name' in plan ? { name: `supervisor${++this.#supervisors}` } : {}
    return { ...plan, ...name, children: plan.children.map((child) => this.give(child)) }
  }
}

export function specOf(plan: Plan): Spec {
  if (isSupervisor(plan)) {
    const { name, restart, strategy, max, whenExhausted, children } = plan
    const intensity = { max, periodMs: 3_600_000 }
    return { supervisor: name, restart, strategy, intensity, whenExhausted, children: children.map(specOf) }
  }
  return childSpec({
    contract: defineContract<object>({ name: plan.name }),
    entry: new URL('memory:'),
    restart: plan.restart,
    hangMs: Infinity,
  })
}

export function supervisorInit(
  { strategy, max, whenExhausted }: RootPlan,
  isolates: FakeIsolates,
): SupervisorInit {
  return {
    strategy,
    whenExhausted,
    intensity: { max, periodMs: 3_600_000 },
    backoff: { firstMs: 0, maxMs: 0, calmMs: 0 },
    isolations: { thread: isolates.spawn },
    sampling: false,
  }
}

/** One of those, counted round. */
export const pick = <T>(among: readonly T[], at: number): T | undefined => among[at % among.length]
