import type { Database } from '../../shared/store/database.ts'
import type { SimServerInit } from './sim-server.ts'

/** Bugs that a test plants, to see that the simulation finds them. */
export interface Faults {
  /** What the server says of a place. */
  answerOf?: SimServerInit['answerOf']
  /** A device's database before its chat starts for the first time. */
  prepare?(database: Database): void
  /** A device's database after its chat died. */
  crashed?(database: Database): void
  /** A client that never sees that its log and the server's differ. */
  blind?: boolean
}
