import type { FaultName } from '../shared/bridge.ts'
import type { ActorFault } from './runtime/index.ts'

/** How long a fault lasts that does not end its actor, ms. */
export const faultMs = 5_000

/** The faults that can be asked for by name, in the strength in which the panel and the commands inject them. */
export function namedFault(name: Exclude<FaultName, 'kill'>, seed: number): ActorFault {
  switch (name) {
    case 'exit':
      return { fault: name, code: 1 }
    case 'burn':
      return { fault: name, forMs: faultMs, share: 0.9 }
    case 'slow-mailbox':
      return { fault: name, forMs: faultMs, ms: 50 }
    case 'drop':
      return { fault: name, forMs: faultMs, share: 0.2, seed }
    case 'duplicate':
      return { fault: name, forMs: faultMs, share: 0.5, seed }
    case 'delay':
      return { fault: name, forMs: faultMs, share: 0.5, seed, ms: 100 }
    default:
      return { fault: name }
  }
}
