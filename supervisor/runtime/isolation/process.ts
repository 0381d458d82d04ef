import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cachingEnvironment } from './code-cache.ts'
import type { Exit, Isolate, IsolateOptions } from './isolate.ts'
import { SupervisorPipe } from './pipe.ts'

/** An actor in a process of its own, for native code that takes its whole process down when it is ended. */
export function spawnProcess({ name, entry, heapMb, recorded }: IsolateOptions): Isolate {
  const child = fork(fileURLToPath(entry), [], {
    serialization: 'advanced',
    // The name is for whoever looks at a list of processes.
    env: { ...cachingEnvironment(), ACTOR_NAME: name },
    execArgv: heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`],
    // Ctrl-C reaches the whole process group; only the supervisor may act on it.
    detached: process.platform !== 'win32',
  })
  let failure: Error | undefined
  child.on('error', (error) => (failure = error))
  const pipe = new SupervisorPipe((message) => {
    // A child that is going down has no channel; its exit settles what waits for it.
    if (child.connected) child.send(message as object, (error) => (failure ??= error ?? undefined))
  }, recorded)
  child.on('message', (message) => pipe.receive(message))
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit) => {
      pipe.end()
      resolve(exit)
    }
    child.once('exit', (code, signal) => {
      const exit: Exit = { reason: signal ? `signal ${signal}` : `exit code ${code}`, normal: code === 0 }
      // What the child sent last is still in the channel until it disconnects.
      if (child.connected) child.once('disconnect', () => end(exit))
      else end(exit)
    })
    // Where fork itself fails there is no exit event.
    child.once('error', (error) => {
      if (child.pid === undefined) end({ reason: error.message, normal: false, cause: error })
    })
  })
  return {
    pid: child.pid ?? null,
    post: (system, port) => pipe.post(system, port),
    onReport: (handler) => pipe.onReport(handler),
    exited,
    kill: () => void child.kill('SIGKILL'),
    beats: () => undefined,
    recording: () => pipe.recording(),
  }
}
