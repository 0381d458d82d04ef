/** The methods of an actor: all asynchronous, since they run elsewhere. */
export type ActorApi<Api> = { [Method in keyof Api]: (...args: never[]) => Promise<unknown> }

/** What of an actor's calls may wait or run at once, over all callers. */
export interface MailboxLimits {
  messages: number
  /** About what the arguments take as clones, bytes. */
  bytes: number
  /** Calls that are carried out at the same time; the others wait their turn. 1 makes the actor serial. */
  concurrency: number
  /** What happens to a call for which there is no room: the sender is told, or waits within its deadline. */
  whenFull: 'reject' | 'wait'
}

/** A timer for longer than this, ms, fires at once: a longer deadline is none. */
export const longestTimerMs = 2 ** 31 - 1

/**
 * What others may know of an actor: its name, its methods and events as types, and how its calls behave.
 * An actor's `contract.ts` exports one of these and is the only file of it that others import.
 */
export interface Contract<Api, Events, Init> {
  readonly name: string
  /** Methods that are safe to carry out twice; a call to one is sent again when the actor dies under it. */
  readonly idempotent: ReadonlySet<string>
  /** How long a caller waits for an answer, ms. */
  readonly deadlineMs: number
  /** Deadlines of single methods, ms. */
  readonly deadlines: Readonly<Partial<Record<string, number>>>
  readonly mailbox: Readonly<MailboxLimits>
  /** Methods whose arguments the flight recorder keeps; of the others it keeps the size alone. */
  readonly recorded: ReadonlySet<string>
  /** Never there at run time: it carries the types. */
  readonly types?: { api: Api; events: Events; init: Init }
}

export interface ContractOptions<Api> {
  name: string
  /** @default [] */
  idempotent?: readonly (keyof Api & string)[]
  /** @default 10_000 */
  deadlineMs?: number
  /** @default {} */
  deadlines?: Partial<Record<keyof Api & string, number>>
  /** @default 1024 messages, 64 MiB, all at once, reject */
  mailbox?: Partial<MailboxLimits>
  /** @default [] */
  recorded?: readonly (keyof Api & string)[]
}

export function defineContract<Api extends ActorApi<Api>, Events = object, Init = undefined>(
  options: ContractOptions<Api>,
): Contract<Api, Events, Init> {
  return {
    name: options.name,
    idempotent: new Set(options.idempotent),
    deadlineMs: options.deadlineMs ?? 10_000,
    deadlines: options.deadlines ?? {},
    mailbox: {
      messages: 1024,
      bytes: 64 * 2 ** 20,
      concurrency: Infinity,
      whenFull: 'reject',
      ...options.mailbox,
    },
    recorded: new Set(options.recorded),
  }
}

/** A contract whose types do not matter where it is held. */
export type AnyContract = Contract<unknown, unknown, unknown>
export type ApiOf<C> = C extends Contract<infer Api, unknown, unknown> ? Api : never
export type EventsOf<C> = C extends Contract<unknown, infer Events, unknown> ? Events : never
export type InitOf<C> = C extends Contract<unknown, unknown, infer Init> ? Init : never
