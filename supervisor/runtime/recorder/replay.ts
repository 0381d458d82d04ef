import { once } from 'node:events'
import { ActorDown } from '../errors.ts'
import type { ChildSpec } from '../tree/child-spec.ts'
import { Supervisor } from '../tree/supervisor.ts'
import type { Entry, Recording } from './entry.ts'

/**
 * How a call ended: it was answered, refused with an error, or never answered, because the actor died or nobody waited
 * for it any more.
 */
export type Outcome = 'reply' | 'error' | 'none'

export interface ReplayedCall {
  caller: string
  name: string
  id: number
  recorded: Outcome
  replayed: Outcome
}

export interface ReplayReport {
  calls: ReplayedCall[]
  /** Calls and sends that could not be made again, since what they said was not recorded. */
  redacted: number
  death: { recorded: string | null; replayed: string | null }
  /** Whether all that was replayed went as recorded, the death included. */
  same: boolean
}

type Method = (...args: unknown[]) => Promise<unknown>

/** A call that was made again. */
interface MadeCall {
  recorded: Outcome
  readonly replayed: Promise<Outcome>
  readonly cancel: AbortController
}

/** How long an actor that should die is waited for after the last message, ms. */
const deathWithinMs = 5_000

/**
 * Has the messages of a recording happen again to an actor's code, in a fresh isolate: each call is made when it was
 * made, between the answers that came before and after it. What the actor does depends on nothing but its code, its
 * `init` and these messages, as far as the code allows that.
 *
 * The recording begins with the oldest message that was kept, not with the actor's life.
 */
export async function replay(recording: Recording, spec: ChildSpec): Promise<ReplayReport> {
  const supervisor = new Supervisor({ sampling: false })
  let death: string | null = null
  supervisor.on('death', (_status, { reason }) => (death = reason))
  await supervisor.start([{ ...spec, restart: 'temporary' }])
  const ref = supervisor.ref(spec.contract)
  // The methods are named by the recording; a contract's types end where a file begins.
  const send = ref.send as unknown as Record<string, (...args: unknown[]) => void>
  const make = ({ name }: Entry, args: unknown[]): MadeCall => {
    const cancel = new AbortController()
    const call = ref.with({ signal: cancel.signal }) as unknown as Record<string, Method>
    return { recorded: 'none', cancel, replayed: outcomeOf(call[name]?.(...args), cancel.signal) }
  }
  const made = new Map<Entry, MadeCall>()
  // Callers that came back number their calls anew: an answer belongs to the last call of its number.
  const open = new Map<string, MadeCall>()
  let redacted = 0
  for (const entry of recording.entries) {
    const call = open.get(key(entry))
    if (entry.kind === 'event') continue
    open.delete(key(entry))
    if (entry.kind === 'call' || entry.kind === 'send') {
      const args = argumentsOf(entry)
      if (!args) redacted++
      else if (entry.kind === 'send') send[entry.name]?.(...args)
      else {
        const call = make(entry, args)
        made.set(entry, call)
        open.set(key(entry), call)
      }
    } else if (entry.kind === 'cancel') call?.cancel.abort()
    else if (call) {
      call.recorded = entry.kind === 'reply' ? 'reply' : 'error'
      await call.replayed
    }
  }
  if (recording.death !== null && death === null) await diedWithin(supervisor, deathWithinMs)
  const calls: ReplayedCall[] = []
  for (const [{ caller, name, id }, { recorded, replayed: outcome }] of made) {
    // Of a call that was not answered then, only whether it is answered now can be asked.
    const replayed = await Promise.race([outcome, ...(recorded === 'none' ? [settledNow()] : [])])
    calls.push({ caller, name, id, recorded, replayed })
  }
  await supervisor.stop()
  const same =
    (recording.death === null) === (death === null) &&
    calls.every((call) => agrees(call, recording.death !== null))
  return { calls, redacted, death: { recorded: recording.death, replayed: death }, same }
}

/** The last answers of a process that died may not have left it: that they come now is no difference. */
function agrees({ recorded, replayed }: ReplayedCall, died: boolean): boolean {
  return recorded === replayed || (died && recorded === 'none' && replayed === 'reply')
}

function key({ caller, id }: Entry): string {
  return `${caller} ${id}`
}

/** @returns undefined for a call whose arguments were not recorded */
function argumentsOf({ payload, bytes }: Entry): unknown[] | undefined {
  if (Array.isArray(payload)) return payload as unknown[]
  return bytes === 0 ? [] : undefined
}

async function outcomeOf(answer: Promise<unknown> | undefined, cancelled: AbortSignal): Promise<Outcome> {
  try {
    await answer
    return 'reply'
  } catch (error) {
    return cancelled.aborted || error instanceof ActorDown ? 'none' : 'error'
  }
}

async function settledNow(): Promise<Outcome> {
  await new Promise((resolve) => setImmediate(resolve))
  return 'none'
}

async function diedWithin(supervisor: Supervisor, ms: number): Promise<void> {
  const signal = AbortSignal.timeout(ms)
  await once(supervisor, 'death', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
