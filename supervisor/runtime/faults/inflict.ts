import type { Mailbox } from '../mailbox/mailbox.ts'
import type { ActiveFaults, ActorFault } from './fault.ts'
import { MessageFaults } from './message-faults.ts'

/** Carries a fault out on the actor that this thread or process is. */
export function inflict(fault: ActorFault, mailbox: Mailbox, active: ActiveFaults): void {
  switch (fault.fault) {
    case 'throw':
      // Outside of whatever called us, so that nothing catches it.
      setImmediate(() => {
        throw new Error('A fault was injected: an error that nobody catches')
      })
      return
    case 'reject':
      void Promise.reject(new Error('A fault was injected: a rejection that nobody awaits'))
      return
    case 'exit':
      return process.exit(fault.code)
    case 'segfault':
      process.kill(process.pid, 'SIGSEGV')
      return
    case 'hang':
      return hang()
    case 'out-of-memory':
      return fillHeap()
    case 'burn':
      return burn(fault.forMs, fault.share)
    case 'slow-mailbox':
      return mailbox.slowDown(fault.ms, fault.forMs)
    case 'drop':
    case 'duplicate':
    case 'delay':
      active.messages ??= new MessageFaults()
      return active.messages.begin(fault)
  }
}

function hang(): never {
  for (;;);
}

/** Small objects in a chain: an array of them would grow, and a thread that cannot grow one takes its process down. */
function fillHeap(): never {
  let kept: object | undefined
  for (let n = 0; ; n++) kept = { n, kept }
}

const sliceMs = 20

/** Busy for `share` of each slice, so that the event loop still turns. */
function burn(forMs: number, share: number): void {
  const until = performance.now() + forMs
  const slice = setInterval(() => {
    const busyUntil = performance.now() + sliceMs * share
    while (performance.now() < busyUntil);
    if (performance.now() >= until) clearInterval(slice)
  }, sliceMs)
}
