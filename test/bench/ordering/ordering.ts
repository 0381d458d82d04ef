import { report, type Report } from '../figures.ts'
import { fanOut } from './fan-out.ts'
import { historyPages } from './history-pages.ts'
import { idleConnections } from './idle-connections.ts'
import { ownScreen } from './own-screen.ts'
import { sequencing } from './sequencing.ts'

/**
 * The server as a program of its own, its clients in another, real sockets between them. Messages are signed before the
 * clock starts; figures are medians over rounds.
 */
export async function run(): Promise<Report> {
  return report('ordering', [
    ...(await sequencing()),
    ...(await fanOut()),
    await historyPages(),
    await idleConnections(),
    ...(await ownScreen()),
  ])
}
