// A client of one's own, with what the layer says to the threads.
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker, NodeGetClient } from "fastget-node"

const client = Layer.scoped(
  HttpClient.HttpClient,
  Effect.map(
    NodeGetClient.make(NodeFetchWorker.clientOptions()),
    HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "yes"))
  )
)

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
