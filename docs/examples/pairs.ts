/**
 * An iterable of pairs in, a `Map` of results out: what the original does.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"

// A generator is read only as far as the workers need it: a billion pairs take no more memory than these.
function* pairs(base: string) {
  for (let n = 1; n <= 1000; n++) yield [n, `${base}/items/${n}`] as const
}

const main = Effect.gen(function*() {
  const server = yield* LoopbackServer.make() // answers with {"path":"/items/1"}; take your own API's URL instead

  // Pairs come back as they are answered, in any order. The first entry that fails ends the stream.
  const answers = yield* Stream.runCollect(FastGet.stream(pairs(server.url)))

  const byId = new Map(answers)
  yield* Console.log(`${byId.size} answers, the 7th is ${JSON.stringify(byId.get(7))}`)
})

main.pipe(
  Effect.provide(NodeFastGet.layer({ logLevel: "None" })),
  Effect.scoped,
  NodeRuntime.runMain
)
