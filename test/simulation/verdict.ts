import { HeldRanges } from '../../actors/chat/held-ranges.ts'
import { MessageLog } from '../../actors/chat/message-log.ts'
import type { Sequenced } from '../../shared/control.ts'
import { decodeEnvelope } from '../../shared/envelope.ts'
import { emptyLogDigest, nextLogDigest } from '../../shared/log-digest.ts'
import type { SimDevice } from './sim-device.ts'

/** The log of a channel as the server has it in the end. */
export interface ChannelLog {
  channel: string
  log: readonly Sequenced[]
}

const bytesOf = ({ envelope }: Sequenced) => Buffer.from(envelope, 'base64')
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** The id of the message at a place. */
export const idAt = (entry: Sequenced) => decodeEnvelope(bytesOf(entry)).id

/**
 * What is wrong with the server's log by itself: places without gaps, digests that follow from one another, nothing
 * before what it answers, and what one person said in the order in which they said it.
 */
export function* faultsOfLog({ channel, log }: ChannelLog): Generator<string> {
  let digest = emptyLogDigest
  const before = new Set<string>()
  const said = new Map<string, number>()
  for (const [index, entry] of log.entries()) {
    const { id, author, deps, lamport } = decodeEnvelope(bytesOf(entry))
    digest = nextLogDigest(digest, bytesOf(entry))
    if (entry.seq !== index + 1) yield `${channel} has ${entry.seq} at place ${index + 1}`
    if (entry.digest !== base64(digest)) yield `${channel} has another digest at ${entry.seq}`
    if (before.has(id)) yield `${id} has two places`
    for (const dep of deps) if (!before.has(dep)) yield `${id} is before ${dep}, which it answers`
    if (lamport <= (said.get(author) ?? 0)) yield `${id} is after what its author said later`
    said.set(author, lamport)
    before.add(id)
  }
}

/** How one device's log differs from the server's. */
export function* faultsOfDevice(
  { account, database }: SimDevice,
  { channel, log }: ChannelLog,
): Generator<string> {
  const held = new HeldRanges(database)
  const here = new MessageLog(database, account, held)
  const [name, end] = [account.name, log.length]
  const ours = here.entries(channel, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const same =
    ours.length === end &&
    ours.every(({ seq, envelope, digest }, index) => {
      const there = log[index]
      return there?.seq === seq && there.envelope === base64(envelope) && there.digest === base64(digest)
    })
  if (!same) yield `${name} has ${ours.map(({ seq }) => seq).join()} of ${end} in ${channel}, or others`
  const ranges = held.of(channel).map(({ from, to }) => `${from}-${to}`)
  if (ranges.join() !== (end > 0 ? `1-${end}` : ''))
    yield `${name} believes to hold ${ranges.join()} of ${end}`
  for (const { id, state, refusal } of here.pending(channel))
    yield `${name} has without a place: ${id}, ${state} ${refusal?.code ?? ''}`
  const view = database
    .prepare<[string], { head: number }>('SELECT head FROM channels WHERE id = ?')
    .get(channel)
  if (view?.head !== end) yield `${name} believes that ${channel} ends at ${view?.head ?? '?'}, not ${end}`
}

/** What is still to be brought to the server, when nothing is. */
export function* faultsOfOutbox({ account, database }: SimDevice): Generator<string> {
  const waiting = new MessageLog(database, account, new HeldRanges(database)).outbox()
  if (waiting.length > 0) yield `${account.name} has in the outbox: ${waiting.join()}`
}
