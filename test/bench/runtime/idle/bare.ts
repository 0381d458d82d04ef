import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { bareFile } from '../bare-file.ts'
import type { Contender } from '../contender.ts'
import { mbOfEach, population } from './memory.ts'

/** Workers of a file that does nothing. The first is there before. */
export async function start(): Promise<Contender> {
  const file = bareFile()
  const startOne = async () => {
    await once(new Worker(file.path), 'message')
  }
  await startOne()
  return {
    measures: {
      idle: () =>
        mbOfEach(async () => {
          for (let n = 0; n < population; n++) await startOne()
        }),
    },
    stop: () => file.remove(),
  }
}
