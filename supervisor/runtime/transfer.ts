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

/** Where the mark is kept, out of sight of whoever looks at the value: to enter it in a WeakMap takes several times as long. */
const mark = Symbol('transferables')
type Marked = { readonly [mark]?: readonly Transferable[] }

/** Marks of values that take no property. */
const sealed = new WeakMap<object, readonly Transferable[]>()

function marksOf(value: object): readonly Transferable[] | undefined {
  return (value as Marked)[mark] ?? sealed.get(value)
}

/**
 * `Comlink.transfer` for what is passed to and from actors, where either works. This one is faster: the runtime need not
 * ask Comlink what it marked.
 * @returns `value`, whose `transferables` will be moved and not copied
 */
export function transfer<T extends object>(value: T, transferables: readonly Transferable[]): T {
  if (Object.isExtensible(value))
    Object.defineProperty(value, mark, { value: transferables, configurable: true })
  else sealed.set(value, transferables)
  return value
}

/** What is to be transferred with a frame that Comlink made: what it found marked, and what `transfer` marked. */
export function transfersOf(
  frame: Pick<CallFrame, 'argumentList'> | WireValue,
  found: readonly Transferable[] = [],
): readonly Transferable[] {
  const values = 'value' in frame ? [frame] : 'argumentList' in frame ? (frame.argumentList ?? []) : []
  const marked = values.flatMap(({ value }) =>
    typeof value === 'object' && value !== null ? (marksOf(value) ?? []) : [],
  )
  return marked.length === 0 ? found : [...new Set([...found, ...marked])]
}

/** What is to be transferred with `value`, whichever way it was marked. */
export function markedForTransfer(value: object): readonly Transferable[] {
  const known = marksOf(value)
  if (known) return known
  void probe(value)
  return seen
}
