/** The worker file of `fastget-wrapped`: adds a header to each request. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as NodeGetClient from "fastget-node/NodeGetClient"
import * as FetchWorker from "fastget/FetchWorker"
import * as Os from "node:os"

// The defaults' 64 connections, divided over as many threads as the defaults start.
const connections = Math.max(1, Math.floor(64 / Os.availableParallelism()))

const client = Layer.scoped(
  HttpClient.HttpClient,
  Effect.map(
    NodeGetClient.make({ connections }),
    HttpClient.mapRequest(HttpClientRequest.setHeader("x-wrapped", "1"))
  )
)

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
