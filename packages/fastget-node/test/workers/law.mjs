// FastGet's own client with its quick path, which ends its thread where the path says so: /case/exit/7.
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as NodeGetClient from "fastget-node/NodeGetClient"
import * as FetchWorker from "fastget/FetchWorker"
import * as QuickGet from "fastget/platform/QuickGet"

const deaths = {
  exit: () => process.exit(3),
  throw: () =>
    setImmediate(() => {
      throw new Error("uncaught")
    }),
  spin: () => {
    while (true);
  }
}

const deathOf = (path) => deaths[path.split("/")[2]]

const make = Effect.map(NodeGetClient.make(NodeFetchWorker.clientOptions()), (client) => {
  const quickGet = QuickGet.of(client)
  const general = HttpClient.mapRequestEffect(client, (request) => {
    const die = deathOf(new URL(request.url).pathname)
    return die === undefined ? Effect.succeed(request) : Effect.zipRight(Effect.sync(die), Effect.never)
  })
  return QuickGet.attach(general, (origin, path, ...others) => {
    const die = deathOf(path)
    if (die === undefined) return quickGet(origin, path, ...others)
    die()
    return { cancel: () => {} }
  })
})

NodeFetchWorker.runMain(FetchWorker.launch({ client: Layer.scoped(HttpClient.HttpClient, make) }))
