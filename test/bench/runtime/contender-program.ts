import type { ContenderCommand, ContenderReport, StartContender } from './contender.ts'

/** The process of one contender: the module that is named first, started with the other arguments. */
const [module = '', ...args] = process.argv.slice(2)
const send = (report: ContenderReport) => process.send?.(report)

process.on('disconnect', () => process.exit())
const { start } = (await import(module)) as { start: StartContender }
const contender = await start(...args)
process.on('message', (command: ContenderCommand) => void run(command))
send({ ready: true })

async function run(command: ContenderCommand): Promise<void> {
  if (command === 'stop') {
    await contender.stop()
    // Comedy leaves its worker running.
    process.exit()
  }
  const measure = contender.measures[command.measure]
  if (!measure) throw new Error(`${module} does not measure ${command.measure}`)
  send({ measured: await measure(command.forMs) })
}
