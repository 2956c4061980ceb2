import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as FetchWorker from "fastget/FetchWorker"

const fillHeap = () => {
  const all = []
  while (true) all.push(Array.from({ length: 100_000 }, () => all.length))
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
