/** 2,000 entries, one of which kills every worker it reaches: prints the seconds. `one-killer.mjs spin`. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import { createServer } from "node:http"
import { Worker } from "node:worker_threads"

const [killer] = process.argv.slice(2)
const server = createServer((request, response) => response.end(JSON.stringify({ path: request.url })))
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const url = `http://127.0.0.1:${server.address().port}`
let started = 0
const worker = (options) => {
  started++
  return new Worker(new URL("../workers/killing.mjs", import.meta.url), { ...options, stderr: true })
}
const entries = Array.from({ length: 2000 }, (_, n) => [n, `${url}/${n === 1000 ? killer : n}`])
const from = performance.now()
const results = await Effect.runPromise(
  Effect.provide(Stream.runCollect(FastGet.streamEither(entries)), NodeFastGet.layer({ worker, logLevel: "None" }))
)
const seconds = (performance.now() - from) / 1000
const lost = [...results].filter(([, { _tag }]) => _tag === "Left").map(([id, { left }]) => [id, left.reason])
console.log(killer, seconds.toFixed(1), "s", results.length, "outcomes", started, "threads", JSON.stringify(lost))
server.close()
