import { Session, type Profiler } from 'node:inspector/promises'

export type CpuProfile = Profiler.Profile

export interface CpuProfileRecording {
  /**
   * Ends the recording. Idempotent: asked again, it answers with the same profile.
   * @returns what a `.cpuprofile` file holds as JSON; its times are µs of the machine's monotonic clock
   */
  stop(): Promise<CpuProfile>
}

/**
 * Records where the thread that calls this spends its time, in worker threads and processes alike. Recordings of one
 * thread do not disturb each other.
 * @param intervalUs between two samples, µs. @default 1_000
 */
export async function startCpuProfile(intervalUs = 1_000): Promise<CpuProfileRecording> {
  const session = new Session()
  session.connect()
  let profile: Promise<CpuProfile> | undefined
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: intervalUs })
    await session.post('Profiler.start')
  } catch (error) {
    session.disconnect()
    throw error
  }
  return { stop: () => (profile ??= finish(session)) }
}

async function finish(session: Session): Promise<CpuProfile> {
  try {
    const { profile } = await session.post('Profiler.stop')
    return profile
  } finally {
    // Ends the profiler too, and frees the code positions that it kept.
    session.disconnect()
  }
}
