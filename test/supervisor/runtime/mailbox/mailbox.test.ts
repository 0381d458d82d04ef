import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../../../support/eventually.ts'
import { Mailbox, type Letter } from '../../../../supervisor/runtime/mailbox/mailbox.ts'
import type { MailboxLimits } from '../../../../supervisor/runtime/index.ts'

const limits: fc.Arbitrary<MailboxLimits> = fc.record({
  messages: fc.integer({ min: 1, max: 6 }),
  bytes: fc.integer({ min: 50, max: 100 }),
  concurrency: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Infinity)),
  whenFull: fc.constantFrom('reject', 'wait'),
})
type Step =
  | { does: 'arrive'; bytes: number; mayWait: boolean; answeredAtOnce: boolean }
  /** `which` of those that there are. */
  | { does: 'answer' | 'withdraw'; which: number }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant('arrive' as const),
      bytes: fc.oneof({ weight: 4, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.nat(120) }),
      mayWait: fc.boolean(),
      answeredAtOnce: fc.boolean(),
    }),
    fc.record({ does: fc.constantFrom('answer' as const, 'withdraw' as const), which: fc.nat() }),
  ),
  { maxLength: 60, size: 'max' },
)

interface Posted extends Letter {
  readonly n: number
  done: (() => void) | undefined
}

/** A mailbox, with what went into it and came out of it. */
class Story {
  readonly mailbox: Mailbox
  readonly opened: number[] = []
  /** Those that wait, inside or at the door, or are open, in the order in which they came. */
  readonly #queue: Posted[] = []
  #count = 0

  constructor(limits: MailboxLimits) {
    this.mailbox = new Mailbox('an actor', limits)
  }

  get open(): Posted[] {
    return this.#queue.filter(({ done }) => done)
  }

  get waiting(): Posted[] {
    return this.#queue.filter(({ done }) => !done)
  }

  take({ does, ...step }: Step): void {
    if ('bytes' in step) return this.#arrive(step)
    const from = does === 'answer' ? this.open : this.waiting
    const letter = from[step.which % from.length]
    if (!letter) return
    this.#queue.splice(this.#queue.indexOf(letter), 1)
    if (does === 'answer') letter.done?.()
    else assert.is(this.mailbox.withdraw(letter), true)
    assert.is(this.mailbox.withdraw(letter), false)
  }

  #arrive({ bytes, mayWait, answeredAtOnce }: { bytes: number; mayWait: boolean; answeredAtOnce: boolean }) {
    const letter: Posted = {
      n: this.#count++,
      bytes,
      done: undefined,
      open: (done) => {
        this.opened.push(letter.n)
        letter.done = done
        if (!answeredAtOnce) return
        this.#queue.splice(this.#queue.indexOf(letter), 1)
        done()
      },
    }
    this.#queue.push(letter)
    const { mailbox } = this
    const { limits, depth } = mailbox
    const inside = this.#queue.length - 1
    const room = depth < limits.messages && (depth === 0 || mailbox.bytes + bytes <= limits.bytes)
    const refusal = mailbox.take(letter, mayWait)
    const waits = mayWait && limits.whenFull === 'wait'
    // Whoever waits at the door goes first.
    assert.is(refusal === undefined, waits || (room && inside === depth), 'refused when there is no room')
    if (refusal) this.#queue.splice(this.#queue.indexOf(letter), 1)
  }

  check(): void {
    const { mailbox } = this
    const { limits, depth, bytes } = mailbox
    const open = this.open.length
    assert.ok(depth <= limits.messages, 'no more letters than allowed')
    assert.ok(bytes <= limits.bytes || depth === 1, 'no more bytes than allowed')
    assert.ok(open <= limits.concurrency, 'no more open than allowed')
    assert.equal(
      this.opened,
      this.opened.toSorted((a, b) => a - b),
      'opened in the order in which they came',
    )
    // What is inside is the first part of the queue: nobody overtakes those at the door, nor is left there for nothing.
    const atDoor = this.#queue[depth]
    const sum = this.#queue.slice(0, depth).reduce((all, letter) => all + letter.bytes, 0)
    assert.is(bytes, sum)
    if (atDoor)
      assert.ok(
        depth === limits.messages || (depth > 0 && sum + atDoor.bytes > limits.bytes),
        'there is room',
      )
    assert.is(open, Math.min(depth, limits.concurrency), 'as many are open as may be')
  }
}

test('a mailbox keeps its limits and the order, and nothing waits while there is room', () => {
  fc.assert(
    fc.property(limits, steps, (limits, steps) => {
      const story = new Story(limits)
      for (const step of steps) {
        story.take(step)
        story.check()
      }
      while (story.open.length > 0) story.take({ does: 'answer', which: 0 })
      assert.equal([story.mailbox.depth, story.mailbox.bytes, story.waiting.length], [0, 0, 0])
    }),
    { numRuns: 2_000 },
  )
})

test('a letter is opened with thousands before it, and the deepest that it was is told once', () => {
  const mailbox = new Mailbox('an actor', { messages: 5_000, bytes: 1, concurrency: 1, whenFull: 'reject' })
  const opened: number[] = []
  const answers: (() => void)[] = []
  for (let n = 0; n < 5_000; n++)
    assert.is(
      mailbox.take(
        {
          bytes: 0,
          open: (done) => {
            opened.push(n)
            answers.push(done)
          },
        },
        false,
      ),
      undefined,
    )
  for (let answer = answers.shift(); answer; answer = answers.shift()) answer()
  assert.equal(opened, [...Array(5_000).keys()])
  assert.equal([mailbox.depth, mailbox.takeDeepest(), mailbox.takeDeepest()], [0, 5_000, 0])
})

test('a slowed mailbox opens its letters later, in their order, and at once when its time is over', async () => {
  const mailbox = new Mailbox('an actor', {
    messages: 100,
    bytes: 1,
    concurrency: Infinity,
    whenFull: 'reject',
  })
  const opened: number[] = []
  const take = (n: number) =>
    mailbox.take(
      {
        bytes: 0,
        open: (done) => {
          opened.push(n)
          done()
        },
      },
      false,
    )
  mailbox.slowDown(1, 600_000)
  for (let n = 0; n < 10; n++) take(n)
  assert.equal([opened.length, mailbox.depth], [0, 10])
  await eventually('all are opened', () => mailbox.depth === 0)
  assert.equal(opened, [...Array(10).keys()])
  mailbox.slowDown(1, 50)
  await eventually('one is opened at once', () => {
    take(10)
    return mailbox.depth === 0
  })
})

test.run()
