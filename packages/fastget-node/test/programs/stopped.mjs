/** Asks, waits, and asks again. Meanwhile the process is stopped from outside for longer than stuckTimeout. */
import * as Effect from "effect/Effect"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import { createServer } from "node:http"

let threads = 0
process.on("worker", () => threads++)
const server = createServer((request, response) => response.end("1"))
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
const ask = FastGet.get(`http://127.0.0.1:${server.address().port}`)

await Effect.runPromise(Effect.provide(
  Effect.gen(function*() {
    yield* ask
    process.stdout.write("answered\n")
    yield* Effect.sleep(2500)
    yield* ask
    process.stdout.write(`again, threads: ${threads}\n`)
  }),
  NodeFastGet.layer({ numWorkers: 1, stuckTimeout: "300 millis", logLevel: "None" })
))
server.close()
