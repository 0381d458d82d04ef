import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../../support/seeded-random.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { deep, sender } from './fixtures/keeper.contract.ts'
import { mixedLabels, mixedNotes, noteOf } from './fixtures/mixed-notes.ts'
import { keeperSpec, senderSpec } from './fixtures/start.ts'

const { next, below } = seededRandom()

for (const isolation of isolations) {
  for (const senderIsolation of isolations) {
    test(`calls and sends, large and small, moved and copied, from two callers, a ${senderIsolation} one of them, are carried out in a ${isolation} in the order of each caller, each once`, async () => {
      const supervisor = await supervise([
        keeperSpec('deep', { isolation }),
        senderSpec('deep', senderIsolation),
      ])
      const ref = supervisor.ref(deep)
      const labels = { here: mixedLabels('here', 400, next), there: mixedLabels('there', 400, next) }
      const failed = await Promise.all([
        mixedNotes(ref, labels.here, next),
        supervisor.ref(sender).call.mix(labels.there, below(2 ** 32)),
      ])
      assert.equal(failed, [[], []])
      // The last one may be a send, which nobody waits for: what is called after it comes after it.
      await supervisor.ref(sender).call.note('there end 0')
      const notes = await ref.call.notes()
      for (const who of ['here', 'there'] as const)
        assert.equal(
          notes.filter((note) => note.startsWith(who) && note !== 'there end 0'),
          labels[who].map(noteOf),
        )
      assert.is(notes.length, 801)
      assert.equal(supervisor.deadLetters.counts, {})
      await supervisor.stop()
    })
  }
}

test.run()
