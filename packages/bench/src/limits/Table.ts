/** The table of the scenario "limits": what each row came to, and what is asked of FastGet beside it. */
import * as Clients from "./Clients.js"
import type { Sample } from "./Results.js"
import type { Figure } from "./Row.js"
import * as Rows from "./Rows.js"

const header = ["What", "Client", "Succeed", "Requests ÷ entries", "Time ÷ ideal", "Also", "Verdict"]

/** A figure over all rounds. */
interface Cell extends Omit<Figure, "value"> {
  readonly values: ReadonlyArray<number>
}

const middle = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!

const shown = (value: number): string => Number.isInteger(value) ? `${value}` : value.toFixed(value >= 100 ? 0 : 2)

const meets = ({ bound, direction, values }: Cell): boolean =>
  bound === undefined || (direction === "at least" ? middle(values) >= bound : middle(values) <= bound)

const text = (cell: Cell, isAsked: boolean): string => {
  const { bound, direction, values } = cell
  if (Number.isNaN(values[0])) return "–"
  const spread = values.length === 1 ? "" : ` (${shown(Math.min(...values))}–${shown(Math.max(...values))})`
  const asked = isAsked && bound !== undefined ? `, ${direction} ${bound}` : ""
  return `${shown(middle(values))}${spread}${asked}`
}

const cellsOf = (samples: ReadonlyArray<Sample>): ReadonlyArray<Cell> =>
  samples[0]!.figures.map(({ value: _, ...figure }, n) => ({
    ...figure,
    values: samples.map(({ figures }) => figures[n]!.value)
  }))

/** The header, and a line for each row and client. */
export const make = (samples: ReadonlyArray<Sample>): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = Rows.all.flatMap((row) =>
    Clients.all.flatMap((client) => {
      const own = samples.filter((sample) => sample.row === row.name && sample.client === client.name)
      if (own.length === 0) return []
      const isAsked = client === Clients.fastget
      const [good, waste, wall, ...more] = cellsOf(own)
      const missed = cellsOf(own).filter((cell) => !meets(cell))
      return [[
        row.title,
        client.label,
        text(good!, false),
        text(waste!, isAsked),
        text(wall!, isAsked),
        more.map((cell) => `${cell.text}: ${text(cell, isAsked)}`).join("; "),
        !isAsked ? "" : missed.length === 0 ? "reached" : `missed: ${missed.map(({ text }) => text).join(", ")}`
      ]]
    })
  )
  return [header, ...lines]
}
