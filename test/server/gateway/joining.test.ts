import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../../support/eventually.ts'
import { Client } from '../control-client.ts'
import { withServer } from '../test-server.ts'

test('who joins or connects while others talk is told every message after the head that they are given', () =>
  withServer({}, async ({ url }) => {
    const talker = await Client.register(url, 'talker')
    const guest = await Client.register(url, 'guest')
    for (let round = 0; round < 40; round++) {
      const { id: channel } = await talker.create(`round-${round}`)
      let over = false
      const talk = async () => {
        while (!over) await talker.submit(talker.message(channel))
      }
      const talks = [talk(), talk(), talk(), talk()]
      await talker.submit(talker.message(channel))
      const joined = await guest.join(channel)
      const second = await Client.connect(url, guest.device, guest.grant)
      const { head } = second.welcome.channels.find(({ id }) => id === channel) ?? { head: NaN }
      over = true
      await Promise.all(talks)
      const last = await talker.submit(talker.message(channel))
      for (const [client, from] of [
        [guest, joined.head],
        [second, head],
      ] as const) {
        const heard = () => client.socket.confirmed(channel).map(({ seq }) => seq)
        await eventually('the last is told', () => heard().includes(last.seq))
        const all = Array.from({ length: last.seq - from }, (_, n) => from + 1 + n)
        assert.equal(
          heard().filter((seq) => seq > from),
          all,
          `round ${round}, from ${from}`,
        )
      }
      await second.close()
    }
    await Promise.all([talker.close(), guest.close()])
  }))

test.run()
