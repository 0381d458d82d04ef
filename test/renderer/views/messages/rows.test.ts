import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rowsOf, tailOf, type RowsInit } from '../../../../renderer/views/messages/rows.ts'
import type { MessageView } from '../../../../shared/bridge.ts'
import { FakeHost, me, others } from '../../../support/fake-host.ts'

const layout = suite('rows of a channel')
const host = new FakeHost({ head: 0 })
const noon = new Date(2026, 4, 12, 12).getTime()
const [bob = me, carol = me] = others

function said(seq: number, minutes: number, author = bob): MessageView {
  return { ...host.messageAt(seq), author, at: noon + minutes * 60_000 }
}

function rows(messages: readonly MessageView[], init: Partial<RowsInit> = {}) {
  const bySeq = new Map(messages.map((message) => [message.seq, message]))
  const head = 6
  const tail = init.tail ?? []
  return rowsOf({
    ...{ span: { from: 0, to: head + tail.length }, head, at: (seq: number) => bySeq.get(seq), tail },
    ...{ newFrom: null, pendingLine: false, ...init },
  })
}

layout('stand at the places of their messages, and what is not here keeps its place', () => {
  const laid = rows([said(2, 0), said(4, 0)])
  assert.equal(
    laid.map(({ index, message }) => [index, message?.seq]),
    [
      [0, undefined],
      [1, 2],
      [2, undefined],
      [3, 4],
      [4, undefined],
      [5, undefined],
    ],
  )
  assert.is(new Set(laid.map(({ key }) => key)).size, 6)
})

layout('are runs by one author, broken by others, by a pause and by what is not here', () => {
  const laid = rows([said(1, 0), said(2, 1), said(3, 2, carol), said(4, 20, carol), said(6, 21, carol)])
  assert.equal(
    laid.map(({ first }) => first),
    [true, false, true, true, true, true],
  )
})

layout('show who wrote a long run at every quarter of an hour', () => {
  const head = 32
  const messages = Array.from({ length: head }, (_, minute) => said(minute + 1, minute))
  const laid = rows(messages, { head, span: { from: 0, to: head } })
  assert.equal(
    laid.flatMap(({ first, index }) => (first ? [index] : [])),
    [0, 15, 30],
  )
})

layout('tell the day where it is known to be a new one', () => {
  const day = 24 * 60
  const laid = rows([said(1, 0), said(2, day), said(4, 2 * day), said(5, 2 * day), said(6, 3 * day)])
  assert.equal(
    laid.map((row) => row.day !== undefined),
    [true, true, false, false, false, true],
  )
})

layout('know what is above the first of them, without showing it', () => {
  const laid = rows([said(1, 0), said(2, 1)], { span: { from: 1, to: 3 } })
  assert.is(laid[0]?.first, false)
  assert.is(laid[0]?.day, undefined)
})

layout('have the line "new" above the first unread message, here or not', () => {
  assert.equal(
    rows([said(1, 0), said(2, 0)], { newFrom: 2 }).map(({ isNew }) => isNew),
    [false, true, false, false, false, false],
  )
  assert.is(rows([said(1, 0), said(2, 0)], { newFrom: 2 })[1]?.first, true)
  assert.is(rows([], { newFrom: 4 })[3]?.isNew, true)
})

layout('end with what waits, a line above the first that does, and last what the window alone has', () => {
  const refused = host.keep('refused', 'refused')
  const waiting = host.keep('waiting')
  const item = {
    id: 'an id',
    channel: host.channel.id,
    author: me,
    text: 'in the window',
    at: noon,
    failure: null,
  }
  const tail = tailOf([refused, waiting], [{ ...item, id: waiting.id }, item])
  const laid = rows([], { tail, pendingLine: true }).slice(6)
  assert.equal(
    laid.map(({ message, pendingLine, outgoing }) => [message?.text, pendingLine, outgoing !== null]),
    [
      ['refused', false, false],
      ['waiting', true, false],
      ['in the window', false, true],
    ],
  )
})

layout.run()
