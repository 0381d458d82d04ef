import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UnitedError } from '../shared/errors.ts'

/** A limit on the CPU time of this process and all that it starts. */
export interface CpuQuota {
  /** In words, for the line that says what limits it. */
  by: string
  /** How often the quota was used up before the end of its period, and for how long in all, ms; null if unknown. */
  throttled(): { times: number; ms: number } | null
}

/** Length of the period in which the quota may be used, µs; the kernel's default. */
const periodUs = 100_000
const root = '/sys/fs/cgroup'

/** No way of limiting CPU time is there and allowed. */
export class NoCpuQuota extends UnitedError {
  constructor(tried: readonly string[]) {
    super(
      'no-cpu-quota',
      `The CPU cannot be limited on this machine: ${tried.join('; ')}. Run as root, or in a session of systemd.`,
    )
  }
}

/**
 * Limits this process, with everything that it starts from now on, by whichever of the kernel's groups is there.
 * @param percent of one core
 * @throws NoCpuQuota
 */
export function limitCpu(percent: number): CpuQuota {
  const tried: string[] = []
  for (const way of [unifiedGroup, cpuGroup]) {
    try {
      return way(percent)
    } catch (error) {
      tried.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new NoCpuQuota(tried)
}

/** The command before which a program runs under a quota of its user's systemd, where there is one. */
export function systemdPrefix(percent: number): string[] | undefined {
  const program = 'systemd-run'
  const args = ['--user', '--scope', '--quiet', '-p', `CPUQuota=${percent}%`]
  const { status } = spawnSync(program, [...args, 'true'], { stdio: 'ignore' })
  return status === 0 ? [program, ...args] : undefined
}

/** cgroup v2. A group with processes of its own cannot limit those below it, so ours goes beside, under the root. */
function unifiedGroup(percent: number): CpuQuota {
  if (!existsSync(join(root, 'cgroup.controllers'))) throw new Error('there is no cgroup v2')
  const folder = makeGroup(root)
  writeFileSync(join(folder, 'cpu.max'), `${quotaUs(percent)} ${periodUs}`)
  writeFileSync(join(folder, 'cgroup.procs'), String(process.pid))
  return { by: 'cgroup v2', throttled: () => throttledOf(folder, 'throttled_usec', 1_000) }
}

/** cgroup v1. */
function cpuGroup(percent: number): CpuQuota {
  const parent = join(root, 'cpu')
  if (!existsSync(join(parent, 'cpu.cfs_quota_us'))) throw new Error('there is no cgroup v1 for the CPU')
  const folder = makeGroup(parent)
  writeFileSync(join(folder, 'cpu.cfs_period_us'), String(periodUs))
  writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quotaUs(percent)))
  writeFileSync(join(folder, 'cgroup.procs'), String(process.pid))
  return { by: 'cgroup v1', throttled: () => throttledOf(folder, 'throttled_time', 1_000_000) }
}

function makeGroup(parent: string): string {
  try {
    accessSync(parent, constants.W_OK)
  } catch (cause) {
    throw new Error(`${parent} cannot be written to`, { cause })
  }
  const folder = join(parent, `united-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  process.once('exit', () => leaveGroup(parent, folder))
  return folder
}

/** A group can be removed when nobody is in it. Whoever we started may still be: then the kernel keeps it. */
function leaveGroup(parent: string, folder: string): void {
  try {
    writeFileSync(join(parent, 'cgroup.procs'), String(process.pid))
    rmdirSync(folder)
  } catch (error) {
    console.error(`The group ${folder} was left over: ${String(error)}`)
  }
}

function quotaUs(percent: number): number {
  return Math.round((percent / 100) * periodUs)
}

function throttledOf(folder: string, field: string, perMs: number): { times: number; ms: number } {
  const stat = readFileSync(join(folder, 'cpu.stat'), 'utf8')
  const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0)
  return { times: value('nr_throttled'), ms: value(field) / perMs }
}
