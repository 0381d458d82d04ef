import type { RestartPolicy, Strategy, WhenExhausted } from '../../../../supervisor/runtime/index.ts'

/*
 * What Erlang/OTP's supervisor does (stdlib/src/supervisor.erl and its manual page), without time: one thing after
 * another, each to its end. Two rules are not OTP's: what somebody kills does not count as a failure, and `give-up`,
 * which counts per child and leaves down the one that failed, with those that the strategy ties to it and that were
 * started after it.
 */

export interface ActorPlan {
  name: string
  restart: RestartPolicy
}
export interface SupervisorPlan {
  name: string
  restart: RestartPolicy
  strategy: Strategy
  /** Restarts that it allows. */
  max: number
  whenExhausted: WhenExhausted
  children: readonly Plan[]
}
export type Plan = ActorPlan | SupervisorPlan

export type How = 'normally' | 'abnormally' | 'killed'
export type ModelState = 'running' | 'stopped' | 'failed'

/** A child of the model. `down` is between its death and what its supervisor does about it. */
export class Node {
  readonly plan: Plan
  readonly parent: Node | undefined
  state: ModelState | 'down' = 'stopped'
  lives = 0
  children: Node[] = []
  /** Restarts so far: of each child under `give-up`, else of all together. */
  readonly restarts = new Map<Node | 'all', number>()

  constructor(plan: Plan, parent: Node | undefined) {
    this.plan = plan
    this.parent = parent
  }

  get name(): string {
    return this.plan.name
  }

  /** Itself and all below it, in order of start. */
  get all(): Node[] {
    return [this, ...this.children.flatMap(({ all }) => all)]
  }
}

export class OtpModel {
  readonly root: Node
  /** Starts (`+name`) and orderly stops (`-name`) of actors, in their order. */
  trace: string[] = []
  /** How many of an actor's next starts fail. */
  readonly failing = new Map<string, number>()
  exhausted = false
  /** Ends that the supervisors have heard of and not looked at yet. */
  #queue: { node: Node; counts: boolean }[] = []

  constructor(root: Omit<SupervisorPlan, 'name' | 'restart'>) {
    this.root = new Node({ ...root, name: 'root', restart: 'permanent' }, undefined)
    this.#start(this.root)
  }

  get nodes(): Node[] {
    return this.root.all.slice(1)
  }

  /** @returns whether it started */
  add(plan: Plan, under: Node): boolean {
    if (under.state !== 'running') return false
    const node = new Node(plan, under)
    under.children.push(node)
    if (this.#start(node)) return true
    this.remove(node)
    return false
  }

  remove(node: Node): void {
    this.#stop(node)
    const siblings = node.parent?.children ?? []
    siblings.splice(siblings.indexOf(node), 1)
  }

  /** Children of one supervisor end at the same moment; it hears of them in this order. */
  end(ended: readonly (readonly [Node, How])[]): void {
    for (const [node, how] of ended) {
      // What is below a supervisor that is killed ends in good order.
      this.#stopBelow(node)
      this.#down(node, how)
    }
    this.#hear()
  }

  revive(node: Node): void {
    const { parent } = node
    if (node.state !== 'failed' || parent?.state !== 'running') return
    for (const tied of this.#tiedTo(parent, node)) {
      if (tied.state !== 'failed') continue
      tied.state = 'down'
      parent.restarts.delete(tied)
    }
    this.#queue.push({ node, counts: false })
    this.#hear()
  }

  stop(): void {
    this.#stop(this.root)
  }

  #down(node: Node, how: How): void {
    const { restart } = node.plan
    const stays = restart === 'temporary' || (restart === 'transient' && how === 'normally')
    node.state = stays ? 'stopped' : 'down'
    if (!stays) this.#queue.push({ node, counts: how !== 'killed' })
  }

  #hear(): void {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const { node, counts } = next
      if (node.state === 'down' && node.parent) this.#restart(node.parent, node, counts)
    }
  }

  #restart(parent: Node, node: Node, counts: boolean): void {
    if (counts && !this.#allowed(parent, node)) return this.#exhaust(parent, node)
    const tied = this.#tiedTo(parent, node)
    // `terminate_children` takes their ends out of the queue.
    this.#queue = this.#queue.filter((heard) => !tied.includes(heard.node))
    for (const other of tied.toReversed()) {
      if (other === node || other.state !== 'running') continue
      this.#stop(other)
      if (other.plan.restart !== 'temporary') other.state = 'down'
    }
    for (const next of tied) {
      if (next.state === 'failed' || (next !== node && next.plan.restart === 'temporary')) continue
      if (this.#start(next)) continue
      // `try_again_restart`: a message to itself, behind what it has heard already, about the one that did not start.
      this.#queue.push({ node: next, counts: true })
      return
    }
  }

  #allowed(parent: Node, node: Node): boolean {
    const { max, whenExhausted } = supervisorPlan(parent)
    const counter = whenExhausted === 'give-up' ? node : 'all'
    const restarts = (parent.restarts.get(counter) ?? 0) + 1
    if (restarts <= max) parent.restarts.set(counter, restarts)
    return restarts <= max
  }

  #exhaust(parent: Node, node: Node): void {
    if (supervisorPlan(parent).whenExhausted === 'give-up') {
      const tied = this.#tiedTo(parent, node)
      for (const after of tied.slice(tied.indexOf(node) + 1).toReversed()) {
        if (after.state === 'stopped' || after.state === 'failed') continue
        this.#stop(after)
        if (after.plan.restart !== 'temporary') after.state = 'failed'
      }
      node.state = 'failed'
      return
    }
    this.#stop(parent)
    // "The termination reason for the supervisor itself in that case will be shutdown", which is a normal one.
    if (parent.parent) this.#down(parent, 'normally')
    else this.exhausted = true
  }

  #tiedTo(parent: Node, node: Node): Node[] {
    const { strategy } = supervisorPlan(parent)
    const all = [...parent.children]
    if (strategy === 'one-for-one') return [node]
    return strategy === 'one-for-all' ? all : all.slice(all.indexOf(node))
  }

  /** @returns whether it started */
  #start(node: Node): boolean {
    const { plan } = node
    node.lives++
    if (!isSupervisor(plan)) {
      this.trace.push(`+${node.name}`)
      const failing = this.failing.get(node.name) ?? 0
      this.failing.set(node.name, Math.max(0, failing - 1))
      node.state = failing > 0 ? 'down' : 'running'
      return failing === 0
    }
    node.restarts.clear()
    // "Dynamically added children are lost if the supervisor dies and is recreated."
    node.children = plan.children.map(
      (child) => node.children.find((before) => before.plan === child) ?? new Node(child, node),
    )
    for (const child of node.children) {
      if (this.#start(child)) continue
      this.#stopBelow(node)
      node.state = 'down'
      return false
    }
    node.state = 'running'
    return true
  }

  #stop(node: Node): void {
    this.#stopBelow(node)
    if (node.state === 'running' && !isSupervisor(node.plan)) this.trace.push(`-${node.name}`)
    node.state = 'stopped'
  }

  #stopBelow(node: Node): void {
    for (const child of node.children.toReversed()) this.#stop(child)
  }
}

export function isSupervisor(plan: Plan): plan is SupervisorPlan {
  return 'children' in plan
}

function supervisorPlan({ plan }: Node): SupervisorPlan {
  if (!isSupervisor(plan)) throw new Error(`${plan.name} is no supervisor`)
  return plan
}
