// FastGet's own client, wrapped: it has no quick path then.
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker, NodeGetClient } from "fastget-node"

const client = Layer.scoped(
  HttpClient.HttpClient,
  Effect.map(NodeGetClient.make(), HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "yes")))
)

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
