/** All rows of the scenario "limits", and how they are chosen by name. */
import * as Changes from "./Changes.js"
import * as HardLimits from "./HardLimits.js"
import type { Row } from "./Row.js"
import * as Shares from "./Shares.js"

export const all: ReadonlyArray<Row> = [...HardLimits.rows, ...Changes.rows, ...Shares.rows]

/** The rows with this name, or whose names begin with it: `100` is `100-seconds`, `100-date` and so on, but those of `--full`. */
export const named = (name: string, full: boolean): ReadonlyArray<Row> => {
  const exact = all.filter((row) => row.name === name)
  return exact.length > 0 ? exact : usual(full).filter((row) => row.name.startsWith(`${name}-`))
}

export const usual = (full: boolean): ReadonlyArray<Row> => all.filter((row) => full || !row.full)
