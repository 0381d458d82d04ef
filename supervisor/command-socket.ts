import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { ActorView } from '../shared/bridge.ts'
import { WireError } from '../shared/control.ts'
import { UnitedError, errorCode, errorMessage } from '../shared/errors.ts'
import { MalformedError, checker } from '../shared/schema.ts'

/*
 * How a command on this machine reaches a running desktop or server: a local socket (a named pipe on Windows) that
 * only the same user may open. One line of JSON each way. The socket is also what keeps a folder to one program.
 */

export const Command = Type.Union([
  Type.Object({ command: Type.Literal('list') }),
  Type.Object({ command: Type.Literal('kill'), actor: Type.String({ maxLength: 64 }) }),
  Type.Object({ command: Type.Literal('address') }),
])
export type Command = Static<typeof Command>

const CommandAnswer = Type.Union([
  Type.Object({ actors: Type.Array(ActorView) }),
  Type.Object({ killed: Type.String() }),
  Type.Object({ address: Type.Union([Type.String(), Type.Null()]) }),
  Type.Object({ error: WireError }),
])
export type CommandAnswer = Static<typeof CommandAnswer>

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
export async function answerCommands(
  folder: string,
  answer: (command: Command) => CommandAnswer,
): Promise<() => Promise<void>> {
  const path = socketPath(folder)
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // Whoever asked is gone; there is nobody to tell.
    socket.on('error', () => socket.destroy())
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

function answerOneLine(socket: Socket, answer: (command: Command) => CommandAnswer): void {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    if (socket.writableEnded) return
    text += chunk
    const end = text.indexOf('\n')
    if (end >= 0) socket.end(`${JSON.stringify(safely(answer, text.slice(0, end)))}\n`)
    else if (text.length > longestLine) socket.destroy()
  })
}

function safely(answer: (command: Command) => CommandAnswer, line: string): CommandAnswer {
  try {
    return answer(commands.check(parsed(line)))
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

/** Asks whoever runs on `folder`. @returns undefined when nobody does */
export async function ask(folder: string, command: Command): Promise<CommandAnswer | undefined> {
  const socket = await open(socketPath(folder))
  if (!socket) return undefined
  socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('no answer')))
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
