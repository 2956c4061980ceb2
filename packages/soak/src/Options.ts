/** The command line. */
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"
import { SoakError } from "./SoakError.js"

export interface Options {
  readonly entries: number
  /** In milliseconds. */
  readonly killEvery: number
  readonly workers: number | undefined
  readonly seed: number
  /** Whether it is a cluster that is run, and fails. */
  readonly cluster: boolean
  /** Whether there is a run without kills, too. */
  readonly compare: boolean
  /** The most the peak RSS may be, in times that of the run without kills. */
  readonly mostRss: number
  readonly propertyRuns: number
  readonly help: boolean
}

export const help = `npm run soak -- [options]

  --entries N           distinct URLs to fetch (default 1000000)
  --kill-every TIME     terminate a worker in each such time, as 500ms or 2s (default 2s)
  --workers N           worker threads (default: one for each CPU)
  --cluster             over a cluster of three runners and a Postgres that it starts: runners are
                        killed, leave and stand still, and the database is away; --kill-every is
                        the quiet time after each (default 15s)
  --seed N              which workers are terminated, and when (default: by chance)
  --no-compare          without the run that terminates nothing
  --most-rss RATIO      fail when the peak RSS is more than so many times that of the run
                        that terminates nothing (default: only print it)
  --property-runs N     runs of the property test before it (default 300; 0: none)

One answer in twenty misbehaves. Ends with 1 unless nothing is lost, twice, wrong or left.
`

/** No option has more than this. */
const most = 2 ** 30

export const parse = (args: ReadonlyArray<string>): Effect.Effect<Options, SoakError> =>
  Effect.gen(function*() {
    const { values } = yield* Effect.try({
      try: () =>
        parseArgs({
          args: [...args],
          options: {
            "entries": { type: "string", default: "1000000" },
            "kill-every": { type: "string" },
            "cluster": { type: "boolean", default: false },
            "workers": { type: "string" },
            "seed": { type: "string", default: String(Date.now() % most) },
            "no-compare": { type: "boolean", default: false },
            "most-rss": { type: "string" },
            "property-runs": { type: "string", default: "300" },
            "help": { type: "boolean", default: false }
          }
        }),
      catch: (error) => usage(error instanceof Error ? error.message : String(error))
    })
    const { cluster, "kill-every": killEvery = cluster ? "15s" : "2s", "most-rss": mostRss, workers } = values
    return {
      entries: yield* integer("--entries", values.entries, 1),
      killEvery: yield* duration("--kill-every", killEvery),
      workers: workers === undefined ? undefined : yield* integer("--workers", workers, 1),
      seed: yield* integer("--seed", values.seed, 0),
      cluster,
      compare: !values["no-compare"],
      mostRss: mostRss === undefined ? Infinity : yield* ratio("--most-rss", mostRss),
      propertyRuns: yield* integer("--property-runs", values["property-runs"], 0),
      help: values.help
    }
  })

const usage = (problem: string): SoakError => new SoakError({ message: `${problem}\n\n${help}` })

const integer = (option: string, text: string, least: number): Effect.Effect<number, SoakError> => {
  const number = Number(text)
  return /^\d+$/.test(text) && number >= least && number <= most
    ? Effect.succeed(number)
    : usage(`${option} is ${text}: it takes a whole number from ${least} to ${most}`)
}

const ratio = (option: string, text: string): Effect.Effect<number, SoakError> => {
  const number = Number(text)
  return number > 0 && number < Infinity ? Effect.succeed(number) : usage(`${option} is ${text}: it takes a number`)
}

const duration = (option: string, text: string): Effect.Effect<number, SoakError> => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? []
  const millis = Number(number) * (unit === "s" ? 1000 : 1)
  return millis > 0 ? Effect.succeed(millis) : usage(`${option} is ${text}: it takes a time like 500ms or 2s`)
}
