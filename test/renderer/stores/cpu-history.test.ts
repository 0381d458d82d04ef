import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { asTree } from '../../../renderer/stores/actor-tree.ts'
import { historyMs, sharedScale, withVitals, type CpuHistory } from '../../../renderer/stores/cpu-history.ts'
import type { ActorView } from '../../../shared/bridge.ts'

interface Known {
  kind?: ActorView['kind']
  parent?: string
  /** When its sample was taken and what it said. */
  cpu?: [at: number, percent: number]
}

function actor(name: string, { kind = 'actor', parent, cpu }: Known = {}): ActorView {
  return {
    name,
    kind,
    parent: parent ?? null,
    state: 'running',
    since: 0,
    isolation: kind === 'actor' ? 'thread' : null,
    restarts: 0,
    lastDeath: null,
    vitals: cpu
      ? {
          at: cpu[0],
          cpuPercent: cpu[1],
          utilization: 0,
          delayMaxMs: 0,
          heapBytes: 0,
          externalBytes: 0,
          residentBytes: null,
          mailbox: { depth: 0, deepest: 0 },
          calls: 0,
          errors: 0,
          latencyUs: { p50: 0, p99: 0, max: 0 },
          threads: [],
        }
      : null,
    deadLetters: 0,
  }
}

const panel = suite('what the actor panel makes of the list')
const empty: CpuHistory = new Map()

panel('keeps each sample once, for a minute', () => {
  let history = withVitals(empty, [actor('chat', { cpu: [1_000, 4] })], 1_100)
  history = withVitals(history, [actor('chat', { cpu: [1_000, 4] })], 1_900)
  history = withVitals(history, [actor('chat', { cpu: [2_000, 6] })], 2_100)
  assert.equal(
    history.get('chat')?.map(({ percent }) => percent),
    [4, 6],
  )
  history = withVitals(history, [actor('chat')], 1_500 + historyMs)
  assert.equal(
    history.get('chat')?.map(({ percent }) => percent),
    [6],
  )
})

panel('forgets whoever is gone', () => {
  const history = withVitals(empty, [actor('chat', { cpu: [1_000, 4] })], 1_000)
  assert.equal([...withVitals(history, [actor('link')], 1_000).keys()], ['link'])
})

panel('draws all actors to one scale of at least 10 %, in round steps', () => {
  const scaleOf = (percent: number) =>
    sharedScale(withVitals(empty, [actor('a', { cpu: [1, percent] }), actor('b', { cpu: [1, 1] })], 1))
  assert.equal([0, 10, 11, 80, 130, 1_234].map(scaleOf), [10, 10, 25, 100, 150, 1_300])
})

panel('shows the host first and each supervisor before what it supervises', () => {
  const rows = asTree([
    actor('blocks', { parent: 'account' }),
    actor('crypto', { parent: 'root' }),
    actor('account', { kind: 'supervisor' }),
    actor('main', { kind: 'host' }),
    actor('chat', { parent: 'account' }),
  ])
  assert.equal(
    rows.map(({ actor: { name }, depth }) => `${depth} ${name}`),
    ['0 main', '0 crypto', '0 account', '1 blocks', '1 chat'],
  )
})

panel.run()
