import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ChannelHistory } from '../../../renderer/stores/channel-history.ts'
import type { LogRange, MessageView } from '../../../shared/bridge.ts'
import { UnitedError } from '../../../shared/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeHost } from '../../support/fake-host.ts'

const histories = suite('what the window holds of a channel')

interface Asked extends LogRange {
  answer(messages?: readonly MessageView[]): Promise<void>
  fail(error: Error): Promise<void>
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

let opened: ChannelHistory | undefined
histories.after.each(() => opened?.close())

/** A history whose questions are answered by hand. */
function start(head: number) {
  const host = new FakeHost({ head })
  const asked: Asked[] = []
  let pending: readonly MessageView[] = []
  const history = new ChannelHistory({
    range: (range) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly MessageView[]>()
      const all = () => {
        const messages: MessageView[] = []
        for (let seq = range.from; seq <= range.to; seq++) messages.push(host.messageAt(seq))
        return messages
      }
      asked.push({
        ...range,
        async answer(messages = all()) {
          resolve(messages)
          await settled()
        },
        async fail(error) {
          reject(error)
          await settled()
        },
      })
      return promise
    },
    pending: async () => pending,
  })
  history.noticeHead(head)
  opened = history
  const ranges = () => asked.map(({ from, to }) => `${from}-${to}`)
  return { host, history, asked, ranges, keep: (messages: readonly MessageView[]) => (pending = messages) }
}

histories('are the pages around what is looked at, up to the last place', async () => {
  const { history, asked, ranges } = start(100_000)
  history.want({ from: 99_950, to: 100_000 })
  assert.equal(ranges(), ['99901-100000'])
  await asked[0]?.answer()
  assert.is(history.at(99_901)?.seq, 99_901)
  assert.is(history.at(99_900), undefined)
  history.want({ from: 99_860, to: 99_960 })
  assert.equal(ranges(), ['99901-100000', '99801-99900'])
})

histories('let go of what is far from it', async () => {
  const { history, asked } = start(100_000)
  for (let to = 100_000; to > 95_000; to -= 50) {
    history.want({ from: to - 80, to })
    for (const { answer } of asked.splice(0)) await answer()
    assert.ok(history.held <= 900, `${history.held} messages are held at ${to}`)
  }
  assert.is(history.at(100_000), undefined)
})

histories('let go of what came by itself as well', () => {
  const { history, host } = start(100_000)
  history.want({ from: 99_950, to: 100_000 })
  history.hear([host.messageAt(99_650), host.messageAt(12)])
  assert.is(history.at(99_650)?.seq, 99_650)
  assert.is(history.at(12), undefined, 'far away, and only taken when somebody goes there')
  history.want({ from: 90_000, to: 90_050 })
  assert.is(history.held, 0)
})

histories('are not asked for on the way, only where somebody stays', async () => {
  const { history, ranges } = start(100_000)
  for (let from = 90_001; from > 1_000; from -= 1_000) history.want({ from, to: from + 50 })
  assert.equal(ranges(), ['90001-90100'])
  await eventually('the last place is asked for', () => ranges().length > 1)
  assert.equal(ranges(), ['90001-90100', '1001-1100'])
})

histories('do not take an answer about places that were left', async () => {
  const { history, asked } = start(100_000)
  history.want({ from: 50_001, to: 50_050 })
  history.want({ from: 1, to: 50 })
  await asked[0]?.answer()
  assert.is(history.held, 0)
})

histories('are asked for again where an answer left something out that does not come', async () => {
  const { history, asked, host } = start(300)
  history.want({ from: 101, to: 150 })
  await asked[0]?.answer([host.messageAt(101), host.messageAt(102)])
  history.hear([host.messageAt(103)])
  assert.is(history.at(103)?.seq, 103)
  assert.is(asked.length, 1)
  await eventually('it is asked for again', () => asked.length === 2)
  await asked[1]?.answer()
  await new Promise((resolve) => setTimeout(resolve, 3_200))
  assert.is(asked.length, 2, 'nothing is missing any more')
})

histories('survive an actor that died while it was asked', async () => {
  const { history, asked } = start(100)
  history.want({ from: 1, to: 50 })
  await asked[0]?.fail(new UnitedError('actor-down', 'chat died'))
  await eventually('it is asked again', () => asked.length === 2)
  await asked[1]?.answer()
  assert.is(history.at(1)?.seq, 1)
  assert.is(history.failure, undefined)
})

histories('say why the host will not answer, until it is asked again by hand', async () => {
  const { history, asked } = start(100)
  history.want({ from: 1, to: 50 })
  await asked[0]?.fail(new UnitedError('disk', 'The disk is broken.'))
  assert.is(history.failure, 'The disk is broken.')
  history.want({ from: 1, to: 60 })
  assert.is(asked.length, 1)
  history.reload()
  assert.is(asked.length, 2)
})

histories('show each message once, on its way from waiting to its place', () => {
  const { history, host } = start(10)
  history.want({ from: 1, to: 10 })
  const first = host.keep('first')
  const second = host.keep('second')
  history.hear([second, first])
  assert.equal(
    history.pending.value.map(({ text }) => text),
    ['first', 'second'],
  )
  history.hear([{ ...second, seq: 11, state: 'confirmed' }])
  assert.is(history.head, 11)
  assert.is(history.at(11)?.text, 'second')
  assert.equal(
    history.pending.value.map(({ text }) => text),
    ['first'],
  )
})

histories('do not let a confirmed message wait again because of news that was overtaken', async () => {
  const { history, host, keep } = start(10)
  history.want({ from: 1, to: 10 })
  const message = host.keep('overtaken')
  history.hear([{ ...message, seq: 11, state: 'confirmed' }])
  history.hear([message])
  assert.is(history.pending.value.length, 0)
  keep([message])
  await history.loadPending()
  assert.is(history.pending.value.length, 0)
})

histories('hold what an event told over what an older answer says', async () => {
  const { history, asked, host } = start(10)
  history.want({ from: 1, to: 10 })
  history.hear([{ ...host.messageAt(5), newKey: true }])
  await asked[0]?.answer()
  assert.is(history.at(5)?.newKey, true)
  assert.is(history.at(6)?.newKey, false)
})

histories('drop what the host no longer has waiting when it is asked anew', async () => {
  const { history, host, keep } = start(10)
  const [gone, stays] = [host.keep('gone'), host.keep('stays')]
  keep([gone, stays])
  await history.loadPending()
  assert.is(history.pending.value.length, 2)
  keep([stays])
  await history.loadPending()
  assert.equal(
    history.pending.value.map(({ text }) => text),
    ['stays'],
  )
})

histories.run()
