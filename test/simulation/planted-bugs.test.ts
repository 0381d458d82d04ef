import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Faults } from './faults.ts'
import { schedules } from './schedule.ts'
import { Disagreement, simulate } from './simulation.ts'

/** Within so many schedules each of these bugs is found. */
const within = 200

/** Bugs that such programs have had, and what is said of the logs that they leave. */
const bugs: Record<string, { faults: Faults; found: RegExp }> = {
  'a server that tells a repeat another place': {
    faults: { answerOf: (place) => (place.repeated ? { ...place, seq: place.seq + 1 } : place) },
    found: /is not its place|never comes to rest/,
  },
  'a client that loses one entry of its outbox when it crashes': {
    faults: {
      crashed: (database) => database.exec('DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)'),
    },
    found: /was accepted and has 0 places/,
  },
  'a client that never sees that its log differs from that of a restored server': {
    faults: { blind: true },
    found: /or others|has without a place|never comes to rest/,
  },
  'a history that takes what is below a gap for there': {
    faults: {
      prepare: (database) =>
        database.exec(`CREATE TRIGGER skip AFTER INSERT ON held WHEN NEW.low BETWEEN 2 AND 4
          BEGIN UPDATE held SET low = 1 WHERE channel = NEW.channel AND low = NEW.low; END`),
    },
    found: /or others|never comes to rest/,
  },
}

for (const [bug, { faults, found }] of Object.entries(bugs)) {
  test(`${bug} is found`, async () => {
    const property = fc.asyncProperty(schedules, async (schedule) => {
      await simulate(schedule, faults)
    })
    const { failed, numRuns, errorInstance } = await fc.check(property, {
      ...{ seed: 1, numRuns: within, endOnFailure: true },
    })
    assert.ok(failed, `not within ${within} schedules`)
    assert.instance(errorInstance, Disagreement)
    console.log(`${bug}: schedule ${numRuns}`)
    assert.match(String(errorInstance), found)
  })
}

test.run()
