import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnProcess } from '../../supervisor/runtime/isolation/process.ts'
import type { Isolations } from '../../supervisor/runtime/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Computers on one network of their own, each a network namespace of Linux on one bridge. Gone when this process is. */
export interface Network {
  /** How actors are started on each computer. */
  hosts: Pick<Isolations, 'process'>[]
  /** Takes a computer off the network. */
  unplug(host: number): void
}

/** @throws Error in words where this machine does not allow it */
export function startNetwork(computers: number): Network {
  const prefix = `united-${process.pid}`
  const hub = `${prefix}-hub`
  const folder = temporaryFolder()
  const made: string[] = []
  process.once('exit', () => {
    for (const namespace of made) ip('netns', 'del', namespace)
    folder.remove()
  })
  const make = (namespace: string) => {
    ip('netns', 'add', namespace)
    made.push(namespace)
    return (...command: string[]) => ip('-n', namespace, ...command)
  }

  const inHub = make(hub)
  inHub('link', 'add', 'bridge', 'type', 'bridge', 'mcast_snooping', '0')
  inHub('link', 'set', 'bridge', 'up')
  const hosts = Array.from({ length: computers }, (_, n) => {
    const namespace = `${prefix}-${n}`
    const inHost = make(namespace)
    inHub('link', 'add', `host${n}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    inHub('link', 'set', `host${n}`, 'master', 'bridge', 'up')
    inHost('link', 'set', 'lo', 'up')
    inHost('link', 'set', 'eth0', 'up', 'multicast', 'on')
    inHost('addr', 'add', `10.77.0.${n + 1}/24`, 'dev', 'eth0')
    inHost('route', 'add', '224.0.0.0/4', 'dev', 'eth0')
    return { process: startedIn(namespace, join(folder.path, namespace)) }
  })
  return { hosts, unplug: (host) => inHub('link', 'set', `host${host}`, 'down') }
}

/** Processes are forked from a program that enters the namespace and becomes Node there. */
function startedIn(namespace: string, launcher: string): Isolations['process'] {
  const node = process.execPath
  writeFileSync(launcher, `#!/bin/sh\nexec ip netns exec ${namespace} ${node} "$@"\n`, { mode: 0o700 })
  return (options) => {
    process.execPath = launcher
    try {
      return spawnProcess(options)
    } finally {
      process.execPath = node
    }
  }
}

function ip(...command: string[]): void {
  execFileSync('ip', command, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
}
