import { suite } from 'uvu'
import { uuidv7 } from 'uuidv7'
import { eventually } from '../../support/eventually.ts'
import { leaveAfterwards, startParticipant } from '../../support/participants.ts'
import { startRelay } from '../../support/relay.ts'

const clocks = suite('a clock that jumps')

for (const [direction, jumpMs] of [
  ['back', -5 * 3_600_000],
  ['forward', 5 * 3_600_000],
] as const)
  clocks(`${direction} by hours while somebody waits to dial does not keep them waiting`, async () => {
    const relay = await startRelay()
    const both = [await startParticipant(), await startParticipant()]
    const wanting = (peers: string[]) => ({ server: uuidv7(), relays: relay.addresses, channels: [], peers })
    for (const each of both) await each.join(wanting([]))
    // The one with the higher id gives the other one time to dial first; here the other one does not want to.
    const [low, high] = both.toSorted((one, other) => (one.peer < other.peer ? -1 : 1))
    const real = Date.now
    try {
      high?.participant.configure(wanting([low?.peer ?? '']))
      Date.now = () => real() + jumpMs
      await eventually('they are connected', () => high?.participant.connections[0]?.direct)
    } finally {
      Date.now = real
      await Promise.all(both.map((each) => each.stop()))
      await relay.stop()
    }
  })

clocks.after(leaveAfterwards)
clocks.run()
