import { likelyId } from '../../../shared/envelope-layout.ts'
import { UnitedError } from '../../../shared/errors.ts'
import { BadSignature, UnknownKey } from '../../errors.ts'
import type { Authors } from './authors.ts'
import type { ChannelLog } from './channel-log.ts'
import type { Channels } from './channels.ts'
import type { Place } from './contract.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Proof, ProvenMessage } from './proof.ts'
import type { ProofPool } from './proof-pool.ts'
import type { Submission } from './submission.ts'

export interface IntakeInit {
  log: ChannelLog
  channels: Channels
  authors: Authors
  proofs: ProofPool
  commits: GroupCommit
}

/** What was handed in, until it is known whether it is sound. */
interface Entry extends Omit<Submission, 'message'> {
  outcome: { sound: ProvenMessage } | { error: unknown } | undefined
}

/**
 * From the call to the commit:
 *
 *     submit ── known? ──┬── proven (this thread or the pool) ── author's key? ──┬── committed with all that are ready
 *                        └── the place that it has                               └── refused
 *
 * What comes in one turn of the event loop is proven together, and a commit takes whatever is ready; while it waits for
 * the disk the next group gathers. What one account hands in keeps its order, and nobody waits for another's.
 */
export class Intake {
  readonly #init: IntakeInit
  /** In the order in which they came. */
  #entries: Entry[] = []
  #unproven: Entry[] = []
  /** Those whose proof is under way, by the id that they seem to have: a message often comes from two sides at once. */
  readonly #proving = new Map<string, Entry[]>()
  #due = false

  constructor(init: IntakeInit) {
    this.#init = init
  }

  /** @throws all that `SequencerApi.submit` names */
  submit(bytes: Buffer, submitter: string | null): Promise<Place> {
    return new Promise((resolve, reject) => {
      this.#unproven.push({ bytes, submitter, resolve, reject, outcome: undefined })
      this.#wake()
    })
  }

  /** After all calls that came in this turn. */
  #wake(): void {
    if (this.#due) return
    this.#due = true
    setImmediate(() => {
      this.#due = false
      this.#proveNew()
      this.#commitReady()
    })
  }

  #proveNew(): void {
    const group = this.#unproven.splice(0).filter((entry) => !this.#answerKnown(entry))
    this.#entries.push(...group)
    const unlike = group.filter((entry) => !this.#joinTwin(entry))
    if (unlike.length === 0) return
    this.#init.proofs
      .prove(
        unlike.map(({ bytes }) => bytes),
        (index, proof) => this.#told(unlike[index], proof),
      )
      .catch((error: unknown) => {
        for (const entry of unlike) this.#settleProof(entry, (each) => (each.outcome ??= { error }))
      })
  }

  /** What is in the log already needs no proof: the same bytes were proven before. */
  #answerKnown({ bytes, submitter, resolve, reject }: Entry): boolean {
    try {
      const id = likelyId(bytes)
      const place = id === undefined ? undefined : this.#init.log.find(id, bytes)
      if (!place) return false
      if (submitter !== null) this.#init.channels.requireMember(place.channel, submitter)
      resolve(place)
    } catch (error) {
      reject(error)
    }
    return true
  }

  /** @returns whether the same bytes are being proven already */
  #joinTwin(entry: Entry): boolean {
    const id = likelyId(entry.bytes) ?? ''
    const twins = this.#proving.get(id)
    if (!twins) this.#proving.set(id, [entry])
    else if (twins[0]?.bytes.equals(entry.bytes)) return twins.push(entry) > 1
    return false
  }

  #told(entry: Entry | undefined, proof: Proof): void {
    if (entry) this.#settleProof(entry, (each) => void this.#judge(each, proof))
  }

  #settleProof(entry: Entry, settle: (entry: Entry) => void): void {
    const id = likelyId(entry.bytes) ?? ''
    const twins = this.#proving.get(id)
    // Other bytes under the id of the first were proven by themselves.
    if (twins?.[0] !== entry) return settle(entry)
    this.#proving.delete(id)
    twins.forEach(settle)
  }

  async #judge(entry: Entry, proof: Proof): Promise<void> {
    try {
      if ('refused' in proof) throw asError(proof)
      const { proven } = proof
      const { channels, authors } = this.#init
      if (entry.submitter !== null) channels.requireMember(proven.channel, entry.submitter)
      channels.requireMember(proven.channel, proven.author)
      const known = authors.isKnown(proven.author, proven.key)
      if (!known && !(await authors.owns(proven.author, proven.key))) throw new UnknownKey(proven.author)
      entry.outcome = { sound: proven }
    } catch (error) {
      entry.outcome = { error }
    }
    this.#wake()
  }

  #commitReady(): void {
    const group = this.#takeReady()
    if (group.length === 0) return
    const sound: Submission[] = []
    for (const { outcome, ...entry } of group) {
      if (outcome && 'sound' in outcome) sound.push({ ...entry, message: outcome.sound })
      else entry.reject(outcome?.error)
    }
    if (sound.length > 0) this.#init.commits.commit(sound)
  }

  /** Of each account as many as are ready before the first that is not; what peers said has no order among itself. */
  #takeReady(): Entry[] {
    const waiting = new Set<string>()
    const taken: Entry[] = []
    const left: Entry[] = []
    for (const entry of this.#entries) {
      const { submitter, outcome } = entry
      if (outcome && (submitter === null || !waiting.has(submitter))) taken.push(entry)
      else {
        if (submitter !== null) waiting.add(submitter)
        left.push(entry)
      }
    }
    this.#entries = left
    return taken
  }
}

function asError(proof: Exclude<Proof, { proven: unknown }>): Error {
  if (proof.refused === 'bad-signature') return new BadSignature(proof.id)
  return new UnitedError('malformed', proof.what)
}
