import * as Comlink from './comlink.ts'
import type { Transferable } from 'node:worker_threads'
import type { CallFrame, WireValue } from './wire.ts'

/** Comlink keeps what `Comlink.transfer` marked to itself; a call of one of its own proxies brings it to light. */
let seen: readonly Transferable[] = []
let answer: (event: MessageEvent) => void = () => {}
const probe = Comlink.wrap<(value: unknown) => void>({
  postMessage(call: { id: string }, transfer?: Transferable[]) {
    seen = transfer ?? []
    answer({ data: { id: call.id, type: 'RAW', value: undefined } } as MessageEvent)
  },
  addEventListener: (_type, listener) => void (answer = listener as typeof answer),
  removeEventListener: () => {},
} satisfies Comlink.Endpoint)

const marks = new WeakMap<object, readonly Transferable[]>()

/**
 * `Comlink.transfer` for what is passed to and from actors, where either works. This one is faster: the runtime need not
 * ask Comlink what it marked.
 * @returns `value`, whose `transferables` will be moved and not copied
 */
export function transfer<T extends object>(value: T, transferables: readonly Transferable[]): T {
  marks.set(value, transferables)
  return value
}

/** What is to be transferred with a frame that Comlink made: what it found marked, and what `transfer` marked. */
export function transfersOf(
  frame: Pick<CallFrame, 'argumentList'> | WireValue,
  found: readonly Transferable[] = [],
): readonly Transferable[] {
  const values = 'value' in frame ? [frame] : 'argumentList' in frame ? (frame.argumentList ?? []) : []
  const marked = values.flatMap(({ value }) =>
    typeof value === 'object' && value !== null ? (marks.get(value) ?? []) : [],
  )
  return marked.length === 0 ? found : [...new Set([...found, ...marked])]
}

/** What is to be transferred with `value`, whichever way it was marked. */
export function markedForTransfer(value: object): readonly Transferable[] {
  const known = marks.get(value)
  if (known) return known
  void probe(value)
  return seen
}
