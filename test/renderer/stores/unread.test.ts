import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SeenMessages } from '../../../renderer/stores/seen-messages.ts'
import { unreadLine, type Attention } from '../../../renderer/stores/unread-line.ts'
import { FakeHost } from '../../support/fake-host.ts'

const unread = suite('what is unread')

const looking: Attention = { read: 10, unread: 0, here: true, atEnd: true }

unread('has no line while somebody reads along', () => {
  assert.is(unreadLine(null, looking), null)
  // Between its arrival and the moment in which it counts as read.
  assert.is(unreadLine(null, { ...looking, unread: 1 }), null)
})

unread('begins at the first message that came while nobody looked', () => {
  assert.is(unreadLine(null, { ...looking, unread: 3, here: false }), 11)
  assert.is(unreadLine(null, { ...looking, unread: 3, atEnd: false }), 11)
})

unread('keeps its line while it is read, and until its reader turns away', () => {
  assert.is(unreadLine(11, { ...looking, read: 12, unread: 1, atEnd: false }), 11)
  assert.is(unreadLine(11, { ...looking, read: 13 }), 11)
  assert.is(unreadLine(11, { ...looking, read: 13, atEnd: false }), 11)
  assert.is(unreadLine(11, { ...looking, read: 13, here: false }), null)
  assert.is(unreadLine(11, { ...looking, read: 12, unread: 1, here: false }), 11)
})

unread('ends where the last message on the screen is, and never goes back', () => {
  const host = new FakeHost({ head: 100, read: 40 })
  const { channel } = host
  const messages = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => host.messageAt(from + n))
  const seen = new SeenMessages()
  assert.is(seen.readUpTo(messages(30, 39), channel), undefined)
  assert.is(seen.readUpTo(messages(35, 45), channel), 45)
  // The host was told, and its answer is on the way.
  assert.is(seen.readUpTo(messages(35, 45), channel), undefined)
  assert.is(seen.readUpTo(messages(20, 30), channel), undefined)
  seen.unread(channel.id)
  assert.is(seen.readUpTo(messages(35, 45), channel), 45)
})

unread('is nothing that waits for a place, nor what another channel shows', () => {
  const host = new FakeHost({ head: 100, read: 40 })
  const seen = new SeenMessages()
  assert.is(seen.readUpTo([host.keep('waiting')], host.channel), undefined)
  assert.is(seen.readUpTo([host.messageAt(90)], { id: 'another', read: 0 }), undefined)
})

unread('is told by id once, and again where the host was not told after all', () => {
  const host = new FakeHost({ head: 100 })
  const seen = new SeenMessages()
  const [one, two] = [host.messageAt(1), host.messageAt(2)]
  assert.equal(seen.firstSeen([one]), [one.id])
  assert.equal(seen.firstSeen([one, two]), [two.id])
  seen.forget([one.id])
  assert.equal(seen.firstSeen([one, two]), [one.id])
})

unread.run()
