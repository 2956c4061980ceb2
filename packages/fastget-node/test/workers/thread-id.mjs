import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker } from "fastget-node"
import { threadId } from "node:worker_threads"

const client = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("x-thread", String(threadId))))
).pipe(Layer.provide(FetchHttpClient.layer))

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
