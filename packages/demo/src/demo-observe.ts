/**
 * `npm run demo:observe` fetches 2,000 URLs from a server of its own that is slow
 * at times and lacks some of them, and prints the metrics of that run as
 * Prometheus reads them.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FastGet, FetchMetrics } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as PrometheusText from "./PrometheusText.js"

const count = 2000

const handler: LoopbackServer.Handler = (request, response) => {
  const n = Number(request.url?.slice(1))
  if (n % 100 === 7) response.writeHead(404).end()
  else setTimeout(() => LoopbackServer.echoPath(request, response), n % 10 === 3 ? 50 : 1)
}

const main = Effect.gen(function*() {
  const { url } = yield* LoopbackServer.make(handler)
  const entries = Array.from({ length: count }, (_, n) => [n, `${url}/${n}`] as const)
  yield* FastGet.streamEither(entries).pipe(
    Stream.runDrain,
    // Yours reach the metrics of the run.
    Effect.tagMetrics("job", "demo"),
    Effect.provide(NodeFastGet.layer())
  )
  yield* Console.log(PrometheusText.make(yield* FetchMetrics.snapshot))
}).pipe(Effect.scoped)

NodeRuntime.runMain(main)
