/** Whether tests can use SQLite: its native module is built for one major version of Node. */
import Database from "better-sqlite3"

/** Why a database can't be opened, or `false`. */
export const problemOf = (open: () => void): string | false => {
  try {
    open()
    return false
  } catch (error) {
    return `SQLite can't be used with Node ${process.versions.node}: ${String(error).split("\n")[0]}`
  }
}

/** Why tests that need SQLite are skipped, or `false`. */
export const isMissing: string | false = problemOf(() => new Database(":memory:").close())
