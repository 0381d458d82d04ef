import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { isolations, supervise } from '../fixtures/start.ts'
import { Held } from './fixtures/held.ts'
import { keepers, type KeeperName } from './fixtures/keeper.contract.ts'
import { outcomeOf } from './fixtures/outcome.ts'
import { inMailbox, keeperSpec } from './fixtures/start.ts'

const numbered = (who: string, count: number) => Array.from({ length: count }, (_, n) => `${who} ${n}`)

/** A keeper that writes down what it carries out where its death does not reach. */
async function withFile(name: KeeperName, isolation: (typeof isolations)[number]) {
  const folder = temporaryFolder()
  const path = `${folder.path}/carried-out`
  const supervisor = await supervise([keeperSpec(name, { isolation, init: () => path })])
  const ref = supervisor.ref(keepers[name])
  return {
    supervisor,
    ref,
    held: new Held(ref),
    carriedOut: () => readFileSync(path, 'utf8').trim().split('\n'),
    end: async () => {
      await supervisor.stop()
      folder.remove()
    },
  }
}

for (const isolation of isolations) {
  test(`calls in the mailbox of a ${isolation} that dies are told so, begun or not, and no later life carries them out`, async () => {
    const { supervisor, ref, held, carriedOut, end } = await withFile('few', isolation)
    const outcomes = ['begun 1', 'begun 2', 'not begun'].map((label) => held.hold(label))
    ref.send.note('sent')
    await held.began('begun 1', 'begun 2')
    await inMailbox(supervisor, 'few', 4)
    supervisor.kill('few')
    assert.equal(await Promise.all(outcomes), Array(3).fill('actor-down'))
    await ref.call.note('after')
    assert.equal(carriedOut(), ['1 begun 1', '1 begun 2', '2 after'])
    await end()
  })

  test(`calls that wait for room in a ${isolation} that dies are carried out once, in order, by its next life`, async () => {
    const { supervisor, ref, held, carriedOut, end } = await withFile('patient', isolation)
    const inside = ['begun 1', 'begun 2', 'begun 3', 'not begun'].map((label) => held.hold(label))
    const waiting = numbered('waiting', 200).map((label) => outcomeOf(ref.call.note(label)))
    ref.send.note('sent')
    await held.began('begun 1', 'begun 2', 'begun 3')
    await inMailbox(supervisor, 'patient', 4)
    supervisor.kill('patient')
    assert.equal(await Promise.all(inside), Array(4).fill('actor-down'))
    assert.equal(await Promise.all(waiting), Array(200).fill('answered'))
    await ref.call.note('after')
    // What was sent one way waits for nobody.
    assert.equal(carriedOut(), [
      ...['begun 1', 'begun 2', 'begun 3'].map((label) => `1 ${label}`),
      ...numbered('2 waiting', 200),
      '2 after',
    ])
    await end()
  })
}

test.run()
