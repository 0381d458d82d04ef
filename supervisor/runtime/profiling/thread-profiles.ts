import { threadId, type Worker } from 'node:worker_threads'
import { errorCode } from '../errors.ts'
import { startCpuProfile, type CpuProfile, type CpuProfileRecording } from './cpu-profile.ts'

/** Where one thread spent its time. */
export interface ThreadProfile {
  /** Empty for the actor's own thread, else the name under which it watches it. */
  name: string
  pid: number
  /** `threadId` of `node:worker_threads`. */
  thread: number
  profile: CpuProfile
}

interface Running {
  name: string
  thread: number
  stop(): Promise<CpuProfile>
}

/** Profiles of an actor's thread and of those that work for it. */
export class ThreadProfiles {
  readonly #running: readonly Running[]

  private constructor(running: readonly Running[]) {
    this.#running = running
  }

  /** @param intervalUs between two samples of the actor's own thread, µs; pool threads are sampled at V8's default */
  static async start(intervalUs: number, threads: ReadonlyMap<string, Worker>): Promise<ThreadProfiles> {
    const own: CpuProfileRecording = await startCpuProfile(intervalUs)
    const running: Running[] = [{ name: '', thread: threadId, stop: () => own.stop() }]
    try {
      for (const [name, worker] of threads) {
        const thread = worker.threadId
        const recording = await whileItRuns(worker.startCpuProfile())
        // Node answers with the text of a `.cpuprofile` file.
        if (recording)
          running.push({ name, thread, stop: async () => JSON.parse(await recording.stop()) as CpuProfile })
      }
    } catch (error) {
      await own.stop()
      throw error
    }
    return new ThreadProfiles(running)
  }

  /** A thread that ended meanwhile is left out. */
  async stop(): Promise<ThreadProfile[]> {
    const profiles: ThreadProfile[] = []
    for (const { name, thread, stop } of this.#running) {
      const profile = await whileItRuns(stop())
      if (profile) profiles.push({ name, pid: process.pid, thread, profile })
    }
    return profiles
  }
}

/** @returns nothing for a thread that has not begun, or has ended */
async function whileItRuns<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (errorCode(error) === 'ERR_WORKER_NOT_RUNNING') return undefined
    throw error
  }
}
