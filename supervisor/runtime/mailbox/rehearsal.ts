import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { DeadLetters } from '../dead-letters.ts'
import { pack } from '../packing.ts'
import { fromMessagePort } from '../port.ts'
import { ringMemory, RingWriter } from '../recorder/ring.ts'
import { Meter } from '../vitals/meter.ts'
import { Vitals } from '../vitals/vitals.ts'
import type { MailboxLimits } from '../contract.ts'
import { Mailbox } from './mailbox.ts'
import { ServedPort } from './served-port.ts'

const beatMs = 1_000

/**
 * Carries out a call of nobody's, on a port of its own. V8 compiles a function when it is first called: here that takes
 * a few ms for which a standby has time, and which whoever waits for the first answer of a restarted actor has not.
 */
export async function rehearse(limits: Readonly<MailboxLimits>): Promise<void> {
  const mailbox = new Mailbox('rehearsal', limits)
  const meter = new Meter()
  const letters = new DeadLetters()
  const vitals = new Vitals({
    mailbox,
    meter,
    beatMs,
    sampleMs: 0,
    cpu: () => process.threadCpuUsage(),
    ownProcess: false,
    letters: () => letters.report,
    callbacks: () => 0,
    threads: () => new Map(),
    onBeat: () => {},
    onSample: () => {},
  })
  const { port1: caller, port2: actor } = new MessageChannel()
  new ServedPort(fromMessagePort(actor), 'rehearsal', {
    name: 'rehearsal',
    api: { line: async (words: unknown) => words },
    mailbox,
    meter,
    letters,
    faults: { messages: undefined },
    recorder: new RingWriter(ringMemory(false)),
    recorded: new Set(),
    current: undefined,
  })
  const argumentList = [{ type: 'RAW', value: { words: [] } }]
  caller.postMessage(pack([{ id: 1, type: 'APPLY', path: ['line'], argumentList }]))
  await once(caller, 'message')
  caller.close()
  vitals.stop()
}
