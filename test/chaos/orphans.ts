import { readdirSync, readFileSync } from 'node:fs'

/** What of a tree of actors is left over: all are counts. */
export interface Leftovers {
  threads: number
  processes: number
  ports: number
}

/** What this process holds right now. */
export function held(): Leftovers {
  const resources = process.getActiveResourcesInfo()
  return {
    threads: resources.filter((resource) => resource === 'Worker').length,
    processes: childProcesses(),
    ports: resources.filter((resource) => resource === 'MessagePort').length,
  }
}

export function orphans(before: Leftovers, after: Leftovers): number {
  return (
    Math.max(0, after.threads - before.threads) +
    Math.max(0, after.processes - before.processes) +
    Math.max(0, after.ports - before.ports)
  )
}

/** Linux tells; elsewhere the handles of the processes that we started do. */
function childProcesses(): number {
  if (process.platform !== 'linux')
    return process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap').length
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === process.pid).length
}

function parentOf(pid: string): number | undefined {
  try {
    // The name in parentheses may hold anything; the parent is the second field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    // It ended while we looked.
    return undefined
  }
}
