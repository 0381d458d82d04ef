import { defineContract } from '../contract.ts'
import { noLetters } from '../dead-letters.ts'
import { Mailbox } from '../mailbox/mailbox.ts'
import { Meter } from './meter.ts'
import type { ActorSample } from './sample.ts'
import { Vitals } from './vitals.ts'

const beatMs = 250

/** Watches the thread that supervises, which has a busy event loop but no mailbox. */
export function hostVitals(sampleMs: number, onSample: (sample: ActorSample) => void): Vitals {
  const { name, mailbox } = defineContract({ name: 'main' })
  return new Vitals({
    mailbox: new Mailbox(name, mailbox),
    meter: new Meter(),
    beatMs,
    sampleMs,
    cpu: () => process.threadCpuUsage(),
    ownProcess: true,
    letters: () => noLetters,
    callbacks: () => 0,
    threads: () => new Map(),
    onBeat: () => {},
    onSample,
  })
}
