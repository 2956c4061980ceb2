/**
 * A worker file of your own: the requests carry a token, and the large answers
 * are decoded in the threads, in parallel.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import { Worker } from "node:worker_threads"
import { Article } from "./own-worker-schema.js"

const main = Effect.gen(function*() {
  const server = yield* LoopbackServer.make((request, response) => {
    const known = request.headers.authorization === "Bearer open sesame"
    const text = "a long text ".repeat(1000)
    response.writeHead(known ? 200 : 401)
    response.end(JSON.stringify({ title: `Article ${request.url}`, tags: ["a", "b"], text }))
  })
  const env = { ...process.env, API_URL: server.url, API_TOKEN: "open sesame" }

  const entries = Array.from({ length: 100 }, (_, n) => [n, `${server.url}/${n}`] as const)
  const articles = yield* FastGet.stream(entries, { schema: Article }).pipe(
    Stream.runCollect,
    Effect.provide(NodeFastGet.layer({
      logLevel: "None",
      worker: (options) => new Worker(new URL("./own-worker-thread.js", import.meta.url), { ...options, env })
    }))
  )

  const byId = new Map(articles)
  yield* Console.log(`${byId.size} articles, one of them ${JSON.stringify(byId.get(42))}`)
})

main.pipe(Effect.scoped, NodeRuntime.runMain)
