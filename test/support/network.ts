import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnProcess } from '../../supervisor/runtime/isolation/process.ts'
import type { Isolations } from '../../supervisor/runtime/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A hardware address that no computer has: what is sent there is heard by none. */
const nobody = '02:00:00:00:00:01'

/** Computers on one network of their own, each a network namespace of Linux on one bridge. Gone when this process is. */
export interface Network {
  hosts: NetworkHost[]
  /** Takes a computer off the network. */
  unplug(host: number): void
  /** Lets everything between two computers vanish, or pass again. */
  part(a: number, b: number): void
  join(a: number, b: number): void
}

export interface NetworkHost extends Pick<Isolations, 'process'> {
  address: string
  /** Node, on this computer: for `fork`'s `execPath`. */
  node: string
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
    inHost('addr', 'add', `${addressOf(n)}/24`, 'dev', 'eth0')
    inHost('route', 'add', '224.0.0.0/4', 'dev', 'eth0')
    const node = launcherIn(namespace, join(folder.path, namespace))
    return { address: addressOf(n), node, process: startedBy(node), inHost }
  })
  return {
    hosts,
    unplug: (host) => inHub('link', 'set', `host${host}`, 'down'),
    part(a, b) {
      for (const [from, to] of bothWays(a, b))
        hosts[from]?.inHost('neigh', 'replace', addressOf(to), 'lladdr', nobody, 'nud', 'permanent', ...wire)
    },
    join(a, b) {
      for (const [from, to] of bothWays(a, b)) hosts[from]?.inHost('neigh', 'del', addressOf(to), ...wire)
    },
  }
}

/** @returns a program that enters the namespace and becomes Node there */
function launcherIn(namespace: string, path: string): string {
  writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${namespace} ${process.execPath} "$@"\n`, {
    mode: 0o700,
  })
  return path
}

function startedBy(launcher: string): Isolations['process'] {
  const node = process.execPath
  return (options) => {
    process.execPath = launcher
    try {
      return spawnProcess(options)
    } finally {
      process.execPath = node
    }
  }
}

const wire = ['dev', 'eth0']

function bothWays(a: number, b: number): [from: number, to: number][] {
  return [
    [a, b],
    [b, a],
  ]
}

function addressOf(host: number): string {
  return `10.77.0.${host + 1}`
}

function ip(...command: string[]): void {
  execFileSync('ip', command, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
}
