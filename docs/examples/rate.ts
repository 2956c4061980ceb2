/**
 * A server that admits only so many requests a second: where its limit is known,
 * a rate keeps to it, so that the server has to refuse nothing.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"

const main = Effect.gen(function*() {
  const server = yield* LoopbackServer.make() // take your own API's URL instead
  const entries = Stream.range(1, 100).pipe(Stream.map((n) => [n, `${server.url}/items/${n}`] as const))

  const count = yield* Stream.runCount(FastGet.stream(entries))
  yield* Console.log(`${count} answers, at most 50 a second`)
})

main.pipe(
  Effect.provide(NodeFastGet.layer({ logLevel: "None", rate: "50/s" })),
  Effect.scoped,
  NodeRuntime.runMain
)
