import { openDatabase, type Database, type Migration } from '../../shared/store/database.ts'

/** All that a database holds: the rows of each table. */
export type Contents = ReadonlyMap<string, readonly Record<string, unknown>[]>

/** A database in memory, and what a test does with it that no program does. */
export interface ReusedDatabase {
  readonly database: Database
  contents(): Contents
  fill(contents: Contents): void
  /** Nobody uses it any more. */
  release(): void
}

/**
 * Databases that are used for one schedule after another: preparing some dozens of statements at each start of each
 * program would take most of a run's time.
 */
export class Databases {
  readonly #migrations: readonly Migration[]
  readonly #free: ReusedDatabase[] = []

  constructor(migrations: readonly Migration[]) {
    this.#migrations = migrations
  }

  /** With the rows that a new one has, and no others. */
  take(): ReusedDatabase {
    return this.#free.pop() ?? this.#open()
  }

  #open(): ReusedDatabase {
    const database = openDatabase({ path: ':memory:', migrations: this.#migrations })
    prepareOnce(database)
    const tables = namesOf(database, 'table')
    const contents = (): Contents =>
      new Map(
        tables.map((table) => [
          table,
          database.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all(),
        ]),
      )
    const fill = (rows: Contents): void => {
      database.pragma('foreign_keys = OFF')
      for (const trigger of namesOf(database, 'trigger')) database.exec(`DROP TRIGGER ${trigger}`)
      for (const table of tables) {
        database.prepare(`DELETE FROM ${table}`).run()
        for (const row of rows.get(table) ?? []) {
          const columns = Object.keys(row)
          const values = columns.map((column) => `@${column}`)
          database.prepare(`INSERT INTO ${table} (${columns.join()}) VALUES (${values.join()})`).run(row)
        }
      }
      database.pragma('foreign_keys = ON')
    }
    const empty = contents()
    const reused = {
      ...{ database, contents, fill },
      release: () => {
        fill(empty)
        this.#free.push(reused)
      },
    }
    return reused
  }
}

function namesOf(database: Database, type: 'table' | 'trigger'): string[] {
  return database
    .prepare<[string], { name: string }>('SELECT name FROM sqlite_master WHERE type = ?')
    .all(type)
    .map(({ name }) => name)
}

/** A statement that was prepared before is given again. */
function prepareOnce(database: Database): void {
  const prepared = new Map<string, ReturnType<Database['prepare']>>()
  const prepare = database.prepare.bind(database)
  const once = (sql: string) => {
    const statement = prepared.get(sql) ?? prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  // The parameters and rows of a statement are types alone.
  database.prepare = once as Database['prepare']
}
