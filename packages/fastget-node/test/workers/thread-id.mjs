import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeFetchWorker from "fastget-node/NodeFetchWorker"
import * as FetchWorker from "fastget/FetchWorker"
import { threadId } from "node:worker_threads"

const client = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("x-thread", String(threadId))))
).pipe(Layer.provide(FetchHttpClient.layer))

NodeFetchWorker.runMain(FetchWorker.launch({ client }))
