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
export function waterfall(told: readonly DeliveryStep[]): TimedStep[] {
  const steps = asTheyHappened(told)
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
  const times = steps.filter(({ actor }) => foreignClock(actor) === undefined).map(({ at }) => at)
  return times.length > 1 ? Math.max(...times) - Math.min(...times) : undefined
}

/** A message of one's own is on the screen long before the server has it; its stage is told last all the same. */
function asTheyHappened(steps: readonly DeliveryStep[]): DeliveryStep[] {
  const shown = steps.find(({ stage }) => stage === 'shown')
  if (!shown) return [...steps]
  const others = steps.filter((step) => step !== shown)
  const later = others.findIndex(({ actor, at }) => foreignClock(actor) === undefined && at > shown.at)
  return others.toSpliced(later < 0 ? others.length : later, 0, shown)
}
