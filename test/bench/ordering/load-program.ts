import { uuidv7 } from 'uuidv7'
import { limits } from '../../../shared/limits.ts'
import { percentile } from '../figures.ts'
import { LoadClient } from './load-client.ts'

/** The clients of a server, all in one process, steered over IPC. */
export type LoadCommand =
  /** Registers clients; each has a channel of its own, or all are in one. */
  | { do: 'connect'; url: string; clients: number; together: boolean }
  /** Signs messages ahead of time. */
  | { do: 'sign'; clients: number; each: number }
  /** Submits what was signed. Each client keeps so many under way. */
  | { do: 'submit'; inFlight: number }
  /** One message after another from all in turn, at this pace. */
  | { do: 'pace'; perSecond: number; forMs: number }
  /** Pages of history from random places of a log, one at a time. */
  | { do: 'pages'; channel: string; head: number; pages: number }
  /** The first client connects anew. */
  | { do: 'again'; url: string }
  | { do: 'leave' }

export type LoadReport =
  | { connected: number; channel: string }
  | { signed: number }
  /** When all was acknowledged, and told to everybody who was to be told. */
  | { acknowledged: number; ackMs: number; p99Ms: number; delivered: number; deliveredMs: number }
  | { paced: number; p99Ms: number }
  | { pages: number; p99Ms: number }
  | { back: true }
  | { left: true }

interface Member {
  client: LoadClient
  channel: string
  signed: string[]
}

let members: Member[] = []
const send = (report: LoadReport) => process.send?.(report)
process.on('disconnect', () => process.exit())
process.on('message', (command: LoadCommand) => void run(command).then(send))

async function run(command: LoadCommand): Promise<LoadReport> {
  switch (command.do) {
    case 'connect':
      return connect(command)
    case 'sign':
      // Ids hold the time: the clients take turns, as they will when they submit.
      for (let n = 0; n < command.each; n++) {
        for (const member of members.slice(0, command.clients))
          member.signed.push(member.client.sign(member.channel))
      }
      return { signed: command.clients * command.each }
    case 'submit':
      return submit(command.inFlight)
    case 'pace':
      return pace(command.perSecond, command.forMs)
    case 'pages':
      return pages(command)
    case 'again':
      members = await Promise.all(
        members
          .slice(0, 1)
          .map(async (member) => ({ ...member, client: await member.client.again(command.url) })),
      )
      return { back: true }
    case 'leave':
      for (const { client } of members.splice(0)) client.close()
      return { left: true }
  }
}

async function connect({ url, clients, together }: LoadCommand & { do: 'connect' }): Promise<LoadReport> {
  const run = uuidv7().slice(24)
  const wave = 8
  while (members.length < clients) {
    const count = Math.min(wave, clients - members.length)
    const from = members.length
    const next = await Promise.all(
      Array.from({ length: count }, (_, n) => LoadClient.register(url, `load-${run}-${from + n}`)),
    )
    for (const client of next) members.push({ client, channel: '', signed: [] })
  }
  const [first] = members
  if (!first) return { connected: 0, channel: '' }
  for (const [n, member] of members.entries()) {
    if (together && n > 0) {
      await member.client.request('channel.join', { channel: first.channel })
      member.channel = first.channel
    } else {
      const name = `load-${run}-${n}`
      member.channel = (await member.client.request('channel.create', { name, topic: '' })).id
    }
  }
  return { connected: members.length, channel: first.channel }
}

async function submit(inFlight: number): Promise<LoadReport> {
  const took: number[] = []
  const all = members.reduce((sum, { signed }) => sum + signed.length, 0)
  const audience = new Map<string, number>()
  for (const { channel } of members) audience.set(channel, (audience.get(channel) ?? 0) + 1)
  const toDeliver = members.reduce(
    (sum, { channel, signed }) => sum + signed.length * (audience.get(channel) ?? 0),
    0,
  )
  let delivered = 0
  const everybody = Promise.withResolvers<undefined>()
  for (const { client } of members) {
    client.confirmed = () => {
      if (++delivered === toDeliver) everybody.resolve(undefined)
    }
  }
  const from = performance.now()
  const submitter = async ({ client, signed }: Member) => {
    for (let envelope = signed.shift(); envelope !== undefined; envelope = signed.shift()) {
      const sentAt = performance.now()
      await client.request('message.submit', { envelope })
      took.push(performance.now() - sentAt)
    }
  }
  await Promise.all(members.flatMap((member) => Array.from({ length: inFlight }, () => submitter(member))))
  const ackMs = performance.now() - from
  await everybody.promise
  const deliveredMs = performance.now() - from
  return { acknowledged: all, ackMs, p99Ms: percentile(took, 0.99), delivered, deliveredMs }
}

/** From a client's submit to each client's having read it. */
async function pace(perSecond: number, forMs: number): Promise<LoadReport> {
  const count = Math.round((perSecond * forMs) / 1000)
  const sentAt = new Map<string, number>()
  const took: number[] = []
  const everybody = Promise.withResolvers<undefined>()
  for (const { client } of members) {
    client.confirmed = ({ envelope }) => {
      took.push(performance.now() - (sentAt.get(envelope) ?? NaN))
      if (took.length === count * members.length) everybody.resolve(undefined)
    }
  }
  const from = performance.now()
  for (let n = 0; n < count; n++) {
    const member = members[n % members.length]
    const envelope = member?.signed.shift()
    if (!member || envelope === undefined) throw new Error('too few were signed')
    const due = from + (n * 1000) / perSecond
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    sentAt.set(envelope, performance.now())
    void member.client.request('message.submit', { envelope })
  }
  await everybody.promise
  return { paced: count, p99Ms: percentile(took, 0.99) }
}

async function pages({ channel, head, pages }: LoadCommand & { do: 'pages' }): Promise<LoadReport> {
  const took: number[] = []
  const [member] = members
  for (let n = 0; n < pages; n++) {
    const after = Math.floor(Math.random() * (head - limits.historyPage))
    const from = performance.now()
    const page = await member?.client.request('message.history', {
      channel,
      after,
      limit: limits.historyPage,
    })
    took.push(performance.now() - from)
    if (page?.messages.length !== limits.historyPage) throw new Error('a page is not whole')
  }
  return { pages, p99Ms: percentile(took, 0.99) }
}
