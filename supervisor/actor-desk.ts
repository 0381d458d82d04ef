import { randomInt } from 'node:crypto'
import type { ActorView, DeadLettersView, FaultName, Flame, RecordingView } from '../shared/bridge.ts'
import { errorMessage } from '../shared/errors.ts'
import { actorViews } from './actor-view.ts'
import { namedFault } from './named-faults.ts'
import { writeProfiles, type ProfileReport, type ProfileRequest } from './profile-files.ts'
import {
  flameOf,
  profileTree,
  prometheusText,
  writeRecording,
  type Recording,
  type Supervisor,
} from './runtime/index.ts'

/** What can be seen and done of the actors of one tree by hand: the panel and the commands both stand here. */
export class ActorDesk {
  readonly #supervisor: Supervisor
  readonly #startedAt = Date.now()
  readonly #lastDeaths = new Map<string, Recording>()
  #writing: Promise<unknown> = Promise.resolve()

  /** @param recordings the folder in which the last messages of actors that died are kept */
  constructor(supervisor: Supervisor, recordings: string) {
    this.#supervisor = supervisor
    supervisor.on('recording', (recording) => {
      this.#lastDeaths.set(recording.actor, recording)
      this.#writing = this.#writing
        .then(() => writeRecording(recordings, recording))
        .then(undefined, (error: unknown) =>
          // A full disk must not keep an actor from coming back.
          console.error(`The last messages of ${recording.actor} were not written: ${errorMessage(error)}`),
        )
    })
  }

  /** Resolves when what happened so far is written. */
  async written(): Promise<void> {
    await this.#writing
  }

  list(): ActorView[] {
    return actorViews(this.#supervisor, this.#startedAt)
  }

  /** @throws UnknownActor */
  kill(name: string, by: string): void {
    this.#supervisor.kill(name, `killed ${by}`)
  }

  /** @throws UnknownActor */
  restart(name: string): void {
    this.#supervisor.revive(name)
  }

  /** @throws UnknownActor, FaultNotContained */
  inflict(name: string, fault: FaultName, by: string): void {
    if (fault === 'kill') this.kill(name, by)
    else this.#supervisor.inflict(name, namedFault(fault, randomInt(2 ** 31)))
  }

  /** Where an actor's threads spend their time. @throws UnknownActor */
  async flames(name: string, seconds: number): Promise<Flame[]> {
    const profiles = await profileTree(this.#supervisor, { forMs: seconds * 1_000, names: [name] })
    return profiles.map(({ name: thread, profile }) => ({ name: thread, frames: flameOf(profile) }))
  }

  /** Of this life, and of the last one that ended. @throws UnknownActor */
  recordings(name: string): RecordingView[] {
    const before = this.#lastDeaths.get(name)
    return [this.#supervisor.recording(name), ...(before ? [before] : [])].map(withoutPayloads)
  }

  deadLetters(): DeadLettersView {
    const { counts, recent } = this.#supervisor.deadLetters
    return { counts: { ...counts }, recent: [...recent] }
  }

  /** CPU profiles of all actors at once, as files. */
  profile(request: ProfileRequest): Promise<ProfileReport> {
    return writeProfiles(this.#supervisor, request)
  }

  metrics(): string {
    return prometheusText(this.#supervisor.children)
  }
}

function withoutPayloads({ actor, incarnation, death, entries }: Recording): RecordingView {
  const messages = entries.map(({ at, kind, caller, name, id, bytes }) => ({
    ...{ at, kind, caller, name, id, bytes },
  }))
  return { actor, incarnation, death, messages }
}
