/** What a row of the scenario "limits" is: its servers, what is asked of them, and what it must come to. */
import type { Counted, Model, Report, StreamReport, Task } from "./Task.js"
import { success } from "./Task.js"

/** One run of a client, or of several at once, over servers of its own. */
export interface Run {
  readonly name: string
  readonly models: ReadonlyArray<Model>
  /** What is asked, by the URLs of the models. */
  readonly task: (urls: ReadonlyArray<string>) => Pick<Task, "streams"> & Partial<Task>
  /** How many programs do that at once; default 1. */
  readonly programs?: number
}

/** What came of it. */
export interface Done {
  /** Of each program. */
  readonly reports: ReadonlyArray<Report>
  readonly servers: ReadonlyArray<Counted>
}

/** What was measured, and what it must be. */
export interface Figure {
  readonly text: string
  readonly value: number
  readonly bound?: number
  readonly direction?: "at least" | "at most"
}

export interface Row {
  readonly name: string
  readonly title: string
  readonly runs: ReadonlyArray<Run>
  /** The first three are the share that succeeded, requests ÷ entries, and time ÷ the ideal. */
  readonly figures: (done: (run: string) => Done) => ReadonlyArray<Figure>
  /** Whether other clients do its runs, too: all, or those that are told the limit. */
  readonly rivals: boolean | "told"
  /** Only with `--full`, or by its name. */
  readonly full: boolean
}

export const most = (text: string, value: number, bound?: number): Figure => ({
  text,
  value,
  ...(bound === undefined ? undefined : { bound, direction: "at most" })
})

export const least = (text: string, value: number, bound?: number): Figure => ({
  text,
  value,
  ...(bound === undefined ? undefined : { bound, direction: "at least" })
})

export const streamsOf = ({ reports }: Done): ReadonlyArray<StreamReport> => reports.flatMap(({ streams }) => streams)

export const secondsOf = (done: Done): number => Math.max(...streamsOf(done).map(({ seconds }) => seconds))

export const outcomesOf = (done: Done): ReadonlyMap<string, number> => {
  const all = new Map<string, number>()
  for (const { outcomes } of streamsOf(done)) {
    for (const [name, count] of Object.entries(outcomes)) all.set(name, (all.get(name) ?? 0) + count)
  }
  return all
}

export const goodOf = (done: Done): number => outcomesOf(done).get(success) ?? 0

const sum = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0)

/** The figures that every row has: how many of `entries` succeeded, requests for each, the time by `ideal` seconds. */
export const common = (
  done: Done,
  entries: number,
  ideal: number | undefined,
  bounds: { readonly waste?: number; readonly wall?: number } = {}
): ReadonlyArray<Figure> => [
  least("succeeded", goodOf(done) / entries, 1),
  most("requests ÷ entries", sum(done.servers.map(({ requests }) => requests)) / entries, bounds.waste),
  most("time ÷ ideal", ideal === undefined ? Number.NaN : secondsOf(done) / ideal, bounds.wall)
]
