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

/** Groups that the pool has: it goes on with the second while this thread waits for the disk with the first. */
const groupsAtOnce = 2

/** What was handed in, until it is known whether it is sound. */
interface Entry extends Omit<Submission, 'message'> {
  /** Of the message, if the bytes are one. */
  readonly id: string | undefined
  outcome: { sound: ProvenMessage } | { error: unknown } | undefined
}

/**
 * From the call to the commit:
 *
 *     submit ── known? ──┬── proven (this thread or the pool) ── author's key? ──┬── committed with all that are ready
 *                        └── the place that it has                               └── refused
 *
 * What comes while a group is proven and committed gathers to the next one: the busier it is, the larger the groups.
 * One group is proven by the pool while the one before is committed here. What one account hands in keeps its order,
 * and nobody waits for another's.
 */
export class Intake {
  readonly #init: IntakeInit
  /** In the order in which they came. */
  #entries: Entry[] = []
  #unproven: Entry[] = []
  #proving = 0
  #due = false

  constructor(init: IntakeInit) {
    this.#init = init
  }

  /** @throws all that `SequencerApi.submit` names */
  submit(bytes: Buffer, submitter: string | null): Promise<Place> {
    return new Promise((resolve, reject) => {
      this.#unproven.push({ id: likelyId(bytes), bytes, submitter, resolve, reject, outcome: undefined })
      this.#wake()
    })
  }

  /** After all calls that came in this turn. */
  #wake(): void {
    if (this.#due) return
    this.#due = true
    setImmediate(() => {
      this.#due = false
      this.#proveNext()
      this.#commitReady()
    })
  }

  #proveNext(): void {
    if (this.#proving >= groupsAtOnce || this.#unproven.length === 0) return
    const group = this.#unproven.splice(0).filter((entry) => !this.#answerKnown(entry))
    this.#entries.push(...group)
    const unlike = twinsOf(group)
    const proofs = this.#init.proofs.prove(unlike.map(([{ bytes }]) => bytes))
    if (Array.isArray(proofs)) return this.#judgeAll(unlike, proofs)
    this.#proving++
    void proofs
      .then(
        (told) => this.#judgeAll(unlike, told),
        (error: unknown) => {
          for (const entry of unlike.flat()) entry.outcome = { error }
        },
      )
      .finally(() => {
        this.#proving--
        this.#wake()
      })
  }

  #judgeAll(unlike: readonly (readonly Entry[])[], proofs: readonly Proof[]): void {
    for (const [index, proof] of proofs.entries())
      for (const entry of unlike[index] ?? []) void this.#judge(entry, proof)
  }

  /** What is in the log already needs no proof: the same bytes were proven before. */
  #answerKnown({ id, bytes, submitter, resolve, reject }: Entry): boolean {
    try {
      const place = id === undefined ? undefined : this.#init.log.find(id, bytes)
      if (!place) return false
      if (submitter !== null) this.#init.channels.requireMember(place.channel, submitter)
      resolve(place)
    } catch (error) {
      reject(error)
    }
    return true
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

/** The group in lists of the same bytes: a message often comes from two sides at once. */
function twinsOf(group: readonly Entry[]): [Entry, ...Entry[]][] {
  const unlike: [Entry, ...Entry[]][] = []
  const byId = new Map<string, [Entry, ...Entry[]]>()
  for (const entry of group) {
    const twins = byId.get(entry.id ?? '')
    if (twins?.[0].bytes.equals(entry.bytes)) twins.push(entry)
    else {
      const alone: [Entry, ...Entry[]] = [entry]
      unlike.push(alone)
      byId.set(entry.id ?? '', alone)
    }
  }
  return unlike
}

function asError(proof: Exclude<Proof, { proven: unknown }>): Error {
  if (proof.refused === 'bad-signature') return new BadSignature(proof.id)
  return new UnitedError('malformed', proof.what)
}
