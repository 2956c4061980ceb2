/**
 * Meets faults over all three paths, tells the outcomes as JSON, and has to end
 * by itself: nothing here calls process.exit. The third argument is the file of a worker over a wrapped client.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import { Worker } from "node:worker_threads"

const [url, names, worker] = process.argv.slice(2)

const defaults = {
  logLevel: "None",
  numWorkers: 1,
  timeout: 1500,
  maxBodyBytes: 1024 * 1024,
  throttle: false,
  retry: { times: 1, base: 1, cap: 1 }
}
const wrapped = (options) => new Worker(worker, options)

/** The outcomes on one path, over URLs of its own. */
const outcomes = (path, options, worker) =>
  FastGet.streamEither(JSON.parse(names).map((name) => [name, `${url}/${name}/${path}`]), options).pipe(
    Stream.map(([name, result]) => [name, result._tag === "Left" ? result.left.reason._tag : "success"]),
    Stream.runCollect,
    Effect.map((all) => [...all]),
    Effect.provide(NodeFastGet.layer({ ...defaults, ...worker }))
  )

const program = Effect.all({
  quick: outcomes("quick", {}),
  general: outcomes("general", { fastPath: false }),
  wrapped: outcomes("wrapped", {}, { worker: wrapped })
}, { concurrency: "unbounded" })

Effect.runPromise(program).then((all) => process.stdout.write(JSON.stringify(all)))
