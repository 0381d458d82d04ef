import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../shared/errors.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A file system of its own, so small that a test can fill it. */
export interface TinyDisk {
  path: string
  /** Leaves no room. */
  fill(): void
  /** Gives the room back that `fill` took. */
  free(): void
  remove(): void
}

/**
 * Mounts a file system in memory, or prints why it cannot, as `test/run.ts` counts it.
 * @returns undefined where this user or this system cannot
 */
export function tinyDisk(bytes: number): TinyDisk | undefined {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder.path], { stdio: 'pipe' })
  } catch (error) {
    folder.remove()
    console.log(`\nskipped: no small disk can be mounted here (${errorCode(error) ?? 'mount refused'})`)
    return undefined
  }
  const ballast = join(folder.path, 'ballast')
  return {
    path: folder.path,
    fill() {
      const file = openSync(ballast, 'a')
      const { bavail, bsize } = statfsSync(folder.path)
      for (let block = 0; block < bavail; block++) writeSync(file, Buffer.alloc(bsize, 1))
      fsyncSync(file)
      closeSync(file)
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', ['--lazy', folder.path])
      folder.remove()
    },
  }
}
