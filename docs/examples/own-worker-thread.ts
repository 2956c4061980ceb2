/**
 * The worker file: runs in each thread. The program's own `HttpClient` does not
 * reach this place, so the token is added here.
 */
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { Effect, Layer } from "effect"
import { FetchWorker } from "fastget"
import { NodeFetchWorker, NodeGetClient } from "fastget-node"
import { Article } from "./own-worker-schema.js"

const { API_TOKEN = "", API_URL = "" } = process.env

// A client sees redirects, too: tell the token to nobody but the API.
const withToken = HttpClient.mapRequest((request) =>
  request.url.startsWith(`${API_URL}/`) ? HttpClientRequest.bearerToken(request, API_TOKEN) : request
)

// With what the layer says to its client, so that its options are kept here, too.
const client = Layer.scoped(
  HttpClient.HttpClient,
  Effect.map(NodeGetClient.make(NodeFetchWorker.clientOptions()), withToken)
)

// Each body is decoded here, and only what the schema names crosses to the program.
NodeFetchWorker.runMain(FetchWorker.launch({ client, schema: Article }))
