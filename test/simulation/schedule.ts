import fc from 'fast-check'

/** How many people there are, and how many channels they share. */
export const people = 3
export const channelCount = 2

/** One thing that happens. People, channels and parcels are numbers, which are taken modulo how many there are. */
export type Step =
  | { step: 'say'; who: number; channel: number; times: number }
  /** Some of what is on its way arrives, in this order. */
  | { step: 'deliver'; picks: number[] }
  | { step: 'lose'; pick: number }
  | { step: 'repeat'; pick: number }
  | { step: 'wait'; ms: number }
  /** The chat of somebody dies, and is started again at once or by the next crash. */
  | { step: 'crash'; who: number; stays: boolean }
  /** Somebody's way to the server is cut, or mended. */
  | { step: 'link'; who: number }
  /** Two people are connected directly, or not any more. */
  | { step: 'peers'; one: number; two: number }
  /** The server hears somebody's gossip, or not any more. */
  | { step: 'relay'; who: number }
  /** An event of link is lost on its way to chat, and the runtime says so. */
  | { step: 'deaf'; who: number }
  | { step: 'restart-p2p'; who: number }
  | { step: 'restart-sequencer' }
  | { step: 'crash-server' }
  /** A backup is made; `restore` brings the last one back. */
  | { step: 'copy' }
  | { step: 'restore' }
  /** Somebody scrolls to a place. */
  | { step: 'look'; who: number; channel: number; from: number }
  | { step: 'compare'; who: number; channel: number }
  /** The last of the people joins the last channel. */
  | { step: 'join' }

export interface Schedule {
  /** Whether everybody is connected and knows each other before the first step. */
  warm: boolean
  /** Whether the people are connected directly in the beginning. */
  met: boolean
  steps: Step[]
}

const who = fc.nat({ max: people - 1 })
const channel = fc.nat({ max: channelCount - 1 })
const pick = fc.nat({ max: 30 })
const step = <S extends Step['step']>(name: S) => fc.constant(name)

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({ step: step('say'), who, channel, times: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 40,
    arbitrary: fc.record({ step: step('deliver'), picks: fc.array(pick, { minLength: 1, maxLength: 12 }) }),
  },
  { weight: 6, arbitrary: fc.record({ step: step('lose'), pick }) },
  { weight: 3, arbitrary: fc.record({ step: step('repeat'), pick }) },
  {
    weight: 10,
    arbitrary: fc.record({ step: step('wait'), ms: fc.constantFrom(1, 60, 700, 3_000, 16_000) }),
  },
  { weight: 6, arbitrary: fc.record({ step: step('crash'), who, stays: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ step: step('link'), who }) },
  { weight: 6, arbitrary: fc.record({ step: step('peers'), one: who, two: who }) },
  { weight: 2, arbitrary: fc.record({ step: step('relay'), who }) },
  { weight: 2, arbitrary: fc.record({ step: step('deaf'), who }) },
  { weight: 2, arbitrary: fc.record({ step: step('restart-p2p'), who }) },
  { weight: 2, arbitrary: fc.record({ step: step('restart-sequencer') }) },
  { weight: 2, arbitrary: fc.record({ step: step('crash-server') }) },
  { weight: 3, arbitrary: fc.record({ step: step('copy') }) },
  { weight: 5, arbitrary: fc.record({ step: step('restore') }) },
  {
    weight: 2,
    arbitrary: fc.record({ step: step('look'), who, channel, from: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 2, arbitrary: fc.record({ step: step('compare'), who, channel }) },
  { weight: 1, arbitrary: fc.record({ step: step('join') }) },
)

/** Anything that may happen, most of it messages. */
export const schedules: fc.Arbitrary<Schedule> = fc.record({
  warm: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  met: fc.boolean(),
  steps: fc.array(anyStep, { minLength: 20, maxLength: 90, size: 'max' }),
})
