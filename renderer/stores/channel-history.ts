import { computed, shallowReactive, shallowRef } from 'vue'
import type { LogRange, MessageView } from '../../shared/bridge.ts'
import { errorMessage } from '../../shared/errors.ts'
import { Backoff } from '../bridge/backoff.ts'
import { isTransient } from '../bridge/transient.ts'

/** Places of a page, which is what the host is asked for at once. */
export const pageSize = 100
/** Pages further than this from what is looked at are let go. */
const keptAround = 3
/** Questions under way at once. */
const mostAtOnce = 3
/** How long somebody has to stay where they leapt to before that is asked for, in ms: who drags the scrollbar leaps often. */
const settleMs = 60
/** How long what was left out of an answer may take to come, in ms; then it is asked for again. */
const missingMs = 3_000
/** Confirmed messages whose ids are remembered, against news of them that was overtaken. */
const rememberedIds = 2_000

export interface ChannelHistoryInit {
  /** The confirmed messages at these places, as far as they are on this device. */
  range: (range: LogRange) => Promise<readonly MessageView[]>
  /** Every message without a place. */
  pending: () => Promise<readonly MessageView[]>
}

/** Which of the pages that were asked for is meant: an answer to a question that was given up on is not taken. */
interface Page {
  answered: boolean
}

function pageOf(seq: number): number {
  return Math.floor((seq - 1) / pageSize)
}

/** Shown order of what has no place yet. */
function compare(a: MessageView, b: MessageView): number {
  return a.lamport - b.lamport || (a.id < b.id ? -1 : 1)
}

/**
 * What the window holds of one channel: the pages around what is looked at, and everything that waits for a place.
 *
 *   let go │ kept │ wanted: asked for until complete │ kept │ let go
 */
export class ChannelHistory {
  readonly #init: ChannelHistoryInit
  readonly #places = shallowReactive(new Map<number, MessageView>())
  readonly #waiting = shallowReactive(new Map<string, MessageView>())
  readonly #head = shallowRef(0)
  readonly #failure = shallowRef<string>()
  readonly #loaded = shallowRef(false)
  readonly #pages = new Map<number, Page>()
  /** Pages of which messages are held, asked for or not. */
  readonly #heldPages = new Set<number>()
  readonly #confirmedIds = new Set<string>()
  /** Ids heard of while a question is under way: the event is newer than what the answer says of them. */
  readonly #heardMeanwhile = new Set<Set<string>>()
  readonly #backoff = new Backoff({ first: 200, most: 2_000 })
  #wanted: LogRange | undefined
  #resting = false
  #underWay = 0
  #settling: ReturnType<typeof setTimeout> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Which question for what waits is the last one. */
  #pendingAsked: object | undefined

  /** In shown order. */
  readonly pending = computed(() => [...this.#waiting.values()].sort(compare))

  constructor(init: ChannelHistoryInit) {
    this.#init = init
  }

  /** The highest place that is known of. */
  get head(): number {
    return this.#head.value
  }

  /** Why the host does not tell the messages that are wanted, in words. */
  get failure(): string | undefined {
    return this.#failure.value
  }

  /** Whether what waits for a place is known. */
  get loaded(): boolean {
    return this.#loaded.value
  }

  /** The message at a place, where it is held. */
  at(seq: number): MessageView | undefined {
    return this.#places.get(seq)
  }

  /** How many messages are held. */
  get held(): number {
    return this.#places.size + this.#waiting.size
  }

  noticeHead(head: number): void {
    if (head > this.#head.value) this.#head.value = head
  }

  /** Takes messages that are new or changed. */
  hear(messages: readonly MessageView[]): void {
    for (const message of messages) {
      for (const heard of this.#heardMeanwhile) heard.add(message.id)
      this.#take(message)
    }
  }

  /** Says which places are looked at: they are asked for, and what is far from them is let go. */
  want(range: LogRange): void {
    const last = this.#wanted
    const leapt = last && (range.to < last.from || range.from > last.to)
    this.#wanted = range
    this.#resting = false
    for (const page of this.#pages.keys()) if (!this.#keeps(page)) this.#pages.delete(page)
    for (const page of this.#heldPages) if (!this.#keeps(page)) this.#letGo(page)
    clearTimeout(this.#settling)
    if (leapt)
      this.#settling = setTimeout(() => {
        this.#settling = undefined
        this.#ask()
      }, settleMs)
    else this.#ask()
  }

  /** Nobody looks: what is held is kept up to date, and nothing is asked for. */
  rest(): void {
    this.#resting = true
    clearTimeout(this.#settling)
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Asks anew for everything that is looked at: changes may have been missed. */
  reload(): void {
    this.#failure.value = undefined
    this.#pages.clear()
    this.#ask()
    void this.loadPending()
  }

  async loadPending(): Promise<void> {
    const asked = {}
    this.#pendingAsked = asked
    while (this.#pendingAsked === asked) {
      const heard = this.#listen()
      try {
        const answer = await this.#init.pending()
        if (this.#pendingAsked !== asked) return
        const told = new Set(answer.map(({ id }) => id))
        for (const id of this.#waiting.keys()) if (!told.has(id) && !heard.has(id)) this.#waiting.delete(id)
        for (const message of answer) if (!heard.has(message.id)) this.#take(message)
        this.#loaded.value = true
        return
      } catch (error) {
        if (this.#pendingAsked !== asked) return
        if (!isTransient(error)) {
          this.#failure.value = errorMessage(error)
          return
        }
      } finally {
        this.#heardMeanwhile.delete(heard)
      }
      await new Promise((resolve) => setTimeout(resolve, this.#backoff.next()))
    }
  }

  /** Asks for nothing more, ever. */
  close(): void {
    this.rest()
    this.#pendingAsked = undefined
  }

  #take(message: MessageView): void {
    const { id, seq } = message
    if (seq === null) {
      // A place in the server's order is never taken back: news without one was overtaken.
      if (!this.#confirmedIds.has(id)) this.#waiting.set(id, message)
      return
    }
    this.#waiting.delete(id)
    this.#remember(id)
    this.noticeHead(seq)
    const page = pageOf(seq)
    if (!this.#keeps(page)) return
    this.#places.set(seq, message)
    this.#heldPages.add(page)
  }

  #remember(id: string): void {
    this.#confirmedIds.delete(id)
    this.#confirmedIds.add(id)
    if (this.#confirmedIds.size <= rememberedIds) return
    for (const oldest of this.#confirmedIds) {
      this.#confirmedIds.delete(oldest)
      return
    }
  }

  #listen(): Set<string> {
    const heard = new Set<string>()
    this.#heardMeanwhile.add(heard)
    return heard
  }

  #keeps(page: number): boolean {
    const wanted = this.#wanted
    if (!wanted) return false
    return page >= pageOf(wanted.from) - keptAround && page <= pageOf(wanted.to) + keptAround
  }

  #letGo(page: number): void {
    this.#heldPages.delete(page)
    for (let seq = page * pageSize + 1; seq <= (page + 1) * pageSize; seq++) this.#places.delete(seq)
  }

  /** What of a page is there to ask for; undefined where nothing is. */
  #missing(page: number): LogRange | undefined {
    let from = page * pageSize + 1
    let to = Math.min((page + 1) * pageSize, this.#head.value)
    while (from <= to && this.#places.has(from)) from += 1
    while (to >= from && this.#places.has(to)) to -= 1
    return from <= to ? { from, to } : undefined
  }

  /** Asks for the wanted pages that were not asked for yet. */
  #ask(): void {
    const wanted = this.#wanted
    if (!wanted || this.#resting || this.#failure.value !== undefined) return
    let complete = true
    for (let page = pageOf(wanted.from); page <= pageOf(wanted.to); page++) {
      const missing = this.#missing(page)
      if (!missing && this.#pages.has(page)) continue
      complete &&= !missing
      if (this.#pages.has(page) || this.#underWay >= mostAtOnce) continue
      // Also where nothing is missing: after a reload, what is held may be out of date.
      const from = page * pageSize + 1
      const to = Math.min((page + 1) * pageSize, this.#head.value)
      if (from <= to) void this.#askFor(page, { from, to })
    }
    if (!complete) this.#lookAgain()
  }

  async #askFor(page: number, range: LogRange): Promise<void> {
    const asked: Page = { answered: false }
    this.#pages.set(page, asked)
    this.#underWay += 1
    const heard = this.#listen()
    const isWanted = () => this.#pages.get(page) === asked
    try {
      const answer = await this.#init.range(range)
      this.#backoff.reset()
      if (!isWanted()) return
      asked.answered = true
      for (const message of answer) if (!heard.has(message.id)) this.#take(message)
    } catch (error) {
      if (!isWanted()) return
      if (isTransient(error)) {
        await new Promise((resolve) => setTimeout(resolve, this.#backoff.next()))
        if (isWanted()) this.#pages.delete(page)
      } else {
        this.#pages.delete(page)
        this.#failure.value = errorMessage(error)
      }
    } finally {
      this.#heardMeanwhile.delete(heard)
      this.#underWay -= 1
      this.#ask()
    }
  }

  /** What an answer left out comes as an event; where it does not, the page is asked for again. */
  #lookAgain(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const [page, { answered }] of this.#pages)
        if (answered && this.#missing(page)) this.#pages.delete(page)
      this.#ask()
    }, missingMs)
  }
}
