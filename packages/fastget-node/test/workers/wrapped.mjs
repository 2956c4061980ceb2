// FastGet's own client, wrapped: it has no quick path then.
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as NodeGetClient from "fastget-node/NodeGetClient"
import * as FetchWorker from "fastget/FetchWorker"

const client = Layer.scoped(
  HttpClient.HttpClient,
  Effect.map(NodeGetClient.make(), HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "yes")))
)

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
