import { FetchHttpClient, HttpClient } from "@effect/platform"
import { Effect, Layer } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker } from "fastget-node"

const fillHeap = () => {
  const all = []
  while (true) all.push(new Array(100_000).fill(all.length))
}

const deaths = {
  exit: () => process.exit(3),
  throw: () =>
    setImmediate(() => {
      throw new Error("uncaught")
    }),
  heap: () => setImmediate(fillHeap)
}

/** A client that ends its thread where the path says so. */
const client = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(
    HttpClient.HttpClient,
    HttpClient.mapRequestEffect((request) => {
      const die = deaths[new URL(request.url).pathname.split("/")[1]]
      return die === undefined ? Effect.succeed(request) : Effect.zipRight(Effect.sync(die), Effect.never)
    })
  )
).pipe(Layer.provide(FetchHttpClient.layer))

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
