import type { DeliveryStage, DeliveryStep } from '../../../shared/bridge.ts'
import { foreignClock } from '../../wording/trace.ts'

export interface TimedStep {
  stage: DeliveryStage
  actor: string
  at: number
  /** Since the step before, ms; null for the first. Of two clocks it may be anything. */
  since: number | null
  /** Whether this time or the one before was read off another clock. */
  acrossClocks: boolean
  /** Where its bar begins and how long it is, in percent of the whole. */
  from: number
  width: number
}

/** Lays the steps out to scale, from the first of them to the last. */
export function waterfall(steps: readonly DeliveryStep[]): TimedStep[] {
  const times = steps.map(({ at }) => at)
  const start = Math.min(...times)
  const whole = Math.max(1, Math.max(...times) - start)
  return steps.map(({ stage, actor, at }, index) => {
    const before = steps[index - 1]
    const [from, to] = [Math.min(before?.at ?? at, at), Math.max(before?.at ?? at, at)]
    return {
      ...{ stage, actor, at },
      since: before ? at - before.at : null,
      acrossClocks: before !== undefined && foreignClock(before.actor) !== foreignClock(actor),
      from: (100 * (from - start)) / whole,
      width: (100 * (to - from)) / whole,
    }
  })
}

/** From the first to the last step that this device's own clock timed, ms; undefined where there are not two. */
export function timeHere(steps: readonly DeliveryStep[]): number | undefined {
  const here = steps.filter(({ actor }) => foreignClock(actor) === undefined)
  const [first, last] = [here[0], here.at(-1)]
  return first && last && here.length > 1 ? last.at - first.at : undefined
}
