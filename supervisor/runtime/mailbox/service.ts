import type { DeadLetters } from '../dead-letters.ts'
import type { ActiveFaults } from '../faults/fault.ts'
import type { RingWriter } from '../recorder/ring.ts'
import type { Meter } from '../vitals/meter.ts'
import type { IncomingCall } from './incoming-call.ts'
import type { Mailbox } from './mailbox.ts'

/** What all ports of one actor share. */
export interface Service {
  readonly name: string
  /** Its methods, by name. */
  readonly api: Readonly<Record<string, unknown>>
  readonly mailbox: Mailbox
  readonly meter: Meter
  readonly letters: DeadLetters
  readonly faults: ActiveFaults
  /** Undefined where the messages are recorded by the supervisor. */
  readonly recorder: RingWriter | undefined
  /** Methods whose arguments may be recorded. */
  readonly recorded: ReadonlySet<string>
  /** The call whose method is being entered right now. */
  current: IncomingCall | undefined
}
