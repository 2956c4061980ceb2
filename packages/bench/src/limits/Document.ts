/** The section of docs/benchmarks.md about the scenario "limits". */
import * as Table from "../Table.js"
import type { Result } from "./Results.js"
import * as LimitTable from "./Table.js"

const about = "Servers that admit so many requests a second and answer 429 beyond it, hosts where nobody answers, a " +
  "server that gets slower the more it is asked at once. FastGet has its defaults and is told no limit, unless the " +
  "row says so; each row has what is asked of it. A bucket holds the requests of a second. The ideal is the time that " +
  "nobody can beat, (entries − what the bucket holds) ÷ rate. Clients that are told the limit have it from the row, " +
  "and those that repeat what is refused do so up to 20 times (3 times where hosts are dead)."

export const section = (result: Result | undefined): string =>
  ["## Limits", about, ...(result === undefined ? ["Not measured yet."] : measured(result))].join("\n\n")

const measured = ({ command, date, machine, samples }: Result): ReadonlyArray<string> => {
  const rounds = Math.max(...samples.map(({ round }) => round))
  const loads = samples.map(({ load }) => load)
  return [
    Table.markdown(LimitTable.make(samples)),
    `${date.slice(0, 10)}, \`${command}\`: ${rounds} ${rounds === 1 ? "round" : "rounds"}, load of the ` +
    `machine ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}; ${machine.cpu}, ${machine.cores} ` +
    `cores, ${machine.system}, node ${machine.versions.node}.`
  ]
}
