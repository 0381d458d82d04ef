import { pbkdf2Sync } from 'node:crypto'
import { sayBusy } from './busy.ts'

/** CPU time that a derivation takes, ms: what else runs on the machine does not lengthen it, as it would by the clock. */
function derive(iterations: number): number {
  const before = process.threadCpuUsage()
  pbkdf2Sync('password', 'salt', iterations, 32, 'sha512')
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

/** Finds a short call, then makes one five times as long: at least as long as the short one, come what may. */
let iterations = 10_000
let shortMs = 0
while (shortMs < 200) {
  iterations *= 2
  shortMs = derive(iterations)
}
sayBusy({ nativeCallMs: shortMs })
derive(5 * iterations)
