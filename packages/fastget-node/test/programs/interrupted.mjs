/** Interrupts a get whose worker stands still. It has to end by itself: nothing here calls process.exit. */
import * as Effect from "effect/Effect"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import { Worker } from "node:worker_threads"

const [url] = process.argv.slice(2)
const worker = (options) => new Worker(new URL("../workers/killing.mjs", import.meta.url), options)

const got = FastGet.get(url).pipe(
  Effect.timeoutTo({ duration: 500, onSuccess: () => "answered", onTimeout: () => "interrupted" }),
  Effect.provide(NodeFastGet.layer({ numWorkers: 1, worker, logLevel: "None" }))
)

Effect.runPromise(got).then((text) => process.stdout.write(`${text}\n`))
