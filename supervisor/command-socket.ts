import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { ActorView, DeadLettersView, DeliveryTime, FaultName, RecordingView } from '../shared/bridge.ts'
import { WireError } from '../shared/control.ts'
import { UnitedError, errorCode, errorMessage } from '../shared/errors.ts'
import { MalformedError, checker } from '../shared/schema.ts'
import { ProfileReport } from './profile-files.ts'

/*
 * How a command on this machine reaches a running desktop or server: a local socket (a named pipe on Windows) that
 * only the same user may open. One line of JSON each way. The socket is also what keeps a folder to one program.
 */

const ActorName = Type.String({ maxLength: 64 })

export const Command = Type.Union([
  Type.Object({ command: Type.Literal('list') }),
  Type.Object({ command: Type.Literal('kill'), actor: ActorName }),
  Type.Object({ command: Type.Literal('restart'), actor: ActorName }),
  Type.Object({ command: Type.Literal('fault'), actor: ActorName, fault: FaultName }),
  Type.Object({
    command: Type.Literal('profile'),
    seconds: Type.Number({ minimum: 0.1, maximum: 600 }),
    folder: Type.String({ maxLength: 1_024 }),
    heap: Type.Boolean(),
  }),
  Type.Object({ command: Type.Literal('metrics') }),
  Type.Object({ command: Type.Literal('recording'), actor: ActorName }),
  Type.Object({ command: Type.Literal('dead-letters') }),
  Type.Object({ command: Type.Literal('address') }),
  Type.Object({ command: Type.Literal('delivery') }),
])
export type Command = Static<typeof Command>

const CommandAnswer = Type.Union([
  Type.Object({ actors: Type.Array(ActorView) }),
  Type.Object({ killed: Type.String() }),
  Type.Object({ restarted: Type.String() }),
  Type.Object({ inflicted: FaultName }),
  Type.Object({ profile: ProfileReport }),
  Type.Object({ metrics: Type.String() }),
  Type.Object({ recordings: Type.Array(RecordingView) }),
  Type.Object({ deadLetters: DeadLettersView }),
  Type.Object({ address: Type.Union([Type.String(), Type.Null()]) }),
  Type.Object({ delivery: Type.Array(DeliveryTime) }),
  Type.Object({ error: WireError }),
])
export type CommandAnswer = Static<typeof CommandAnswer>

/** Answers one command. What it throws is answered as an error. */
export type AnswerCommand = (command: Command) => CommandAnswer | Promise<CommandAnswer>

const commands = checker('the command', Command)
const answers = checker('the answer', CommandAnswer)
const answerWithinMs = 5_000
/** Commands are far shorter, in characters. */
const longestLine = 4_096

export class FolderInUse extends UnitedError {
  constructor(folder: string) {
    super('folder-in-use', `UNITED is already running with its data in ${folder}.`, { details: { folder } })
  }
}

/** Paths of sockets are short by law (108 bytes on Linux), so the folder is named by its hash. */
function socketPath(folder: string): string {
  const hash = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 20)
  if (process.platform === 'win32') return `\\\\.\\pipe\\united-${hash}`
  return join(privateFolder(), `${hash}.sock`)
}

function privateFolder(): string {
  const { uid } = userInfo()
  const folder = join(tmpdir(), `united-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid: owner, mode } = lstatSync(folder)
  if (owner !== uid || (mode & 0o077) !== 0) {
    throw new UnitedError('unsafe-folder', `${folder} is open to other users. Remove it and start again.`)
  }
  return folder
}

/**
 * Answers commands for whoever runs on `folder`.
 * @returns a function that closes the socket
 * @throws FolderInUse
 */
export async function answerCommands(folder: string, answer: AnswerCommand): Promise<() => Promise<void>> {
  const path = socketPath(folder)
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // Whoever asked is gone; there is nobody to tell.
    socket.on('error', () => socket.destroy())
    // Whoever connects has to say something soon; the answer may take its time.
    socket.setTimeout(answerWithinMs, () => socket.destroy())
    answerOneLine(socket, answer)
  })
  try {
    await listen(server, path)
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error
    if (await isAnswering(path)) throw new FolderInUse(folder)
    rmSync(path, { force: true })
    await listen(server, path)
  }
  return () =>
    new Promise((done) => {
      server.close(() => done())
      for (const socket of open) socket.destroy()
    })
}

function answerOneLine(socket: Socket, answer: AnswerCommand): void {
  let text = ''
  let asked = false
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    if (asked) return
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0) {
      socket.setTimeout(0)
      asked = true
      void safely(answer, text.slice(0, end)).then((reply) => socket.end(`${JSON.stringify(reply)}\n`))
    } else if (text.length > longestLine) socket.destroy()
  })
}

async function safely(answer: AnswerCommand, line: string): Promise<CommandAnswer> {
  try {
    return await answer(commands.check(parsed(line)))
  } catch (error) {
    return { error: { code: errorCode(error) ?? 'internal', message: errorMessage(error) } }
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new MalformedError('the command', errorMessage(cause), { cause })
  }
}

/**
 * Asks whoever runs on `folder`.
 * @param withinMs how long the answer may take, ms. @default 5_000
 * @returns undefined when nobody does
 */
export async function ask(
  folder: string,
  command: Command,
  withinMs = answerWithinMs,
): Promise<CommandAnswer | undefined> {
  const socket = await open(socketPath(folder))
  if (!socket) return undefined
  socket.setTimeout(withinMs, () => socket.destroy(new Error(`No answer came within ${withinMs / 1_000} s`)))
  socket.write(`${JSON.stringify(command)}\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return answers.check(JSON.parse(text))
}

async function isAnswering(path: string): Promise<boolean> {
  const socket = await open(path)
  socket?.destroy()
  return socket !== undefined
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(errorCode(error) ?? '')) resolve(undefined)
      else reject(error)
    })
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
