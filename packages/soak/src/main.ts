/** `npm run soak`: the property test for longer, then the runs; prints what they saw. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Client from "./Client.js"
import * as ClusterSoak from "./ClusterSoak.js"
import * as Options from "./Options.js"
import * as Properties from "./Properties.js"
import * as Report from "./Report.js"
import { SoakError } from "./SoakError.js"

const soak = (options: Options.Options) =>
  Effect.gen(function*() {
    const { compare, entries, killEvery, mostRss, seed, workers } = options
    yield* Console.log(`soak: ${entries} entries, seed ${seed}`)
    const quiet = compare ? yield* Client.run({ entries, seed, workers, killEvery: undefined }) : undefined
    const killed = yield* Client.run({ entries, seed, workers, killEvery })
    const results = { ...(quiet && { "without kills": quiet }), "with kills": killed }
    yield* Console.log(Report.table(results))
    const ratio = quiet === undefined ? 0 : killed.peakRssBytes / quiet.peakRssBytes
    if (quiet !== undefined) yield* Console.log(`peak RSS with kills: ${ratio.toFixed(2)} times that without`)
    for (const wrong of Object.values(results).flatMap(({ wrongs }) => wrongs)) yield* Console.log(`wrong: ${wrong}`)

    if (Object.values(results).some((result) => !Report.isGood(entries, result))) {
      return yield* new SoakError({ message: "Entries were lost, twice or wrong, or something was left." })
    }
    if (killed.kills === 0) {
      return yield* new SoakError({ message: "No worker was terminated: more entries are needed." })
    }
    if (ratio > mostRss) {
      return yield* new SoakError({ message: `The peak RSS may be ${mostRss} times that without kills.` })
    }
    yield* Console.log("nothing lost, nothing twice, nothing wrong, nothing left")
  })

const main = Effect.gen(function*() {
  const options = yield* Options.parse(process.argv.slice(2))
  if (options.help) return yield* Console.log(Options.help)
  if (options.cluster) return yield* ClusterSoak.run(options)
  if (options.propertyRuns > 0) yield* Properties.run(options.propertyRuns, options.seed)
  yield* soak(options)
}).pipe(
  Effect.catchTag("SoakError", ({ message }) =>
    Effect.zipRight(
      Console.error(message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    ))
)

NodeRuntime.runMain(main, {
  // Ctrl-C is not a success.
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)
})
