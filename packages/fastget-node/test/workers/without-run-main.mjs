/** A worker that is started without NodeFetchWorker: it never beats. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as FetchWorker from "fastget/FetchWorker"

FetchWorker.launch({ client: FetchHttpClient.layer }).pipe(
  Effect.provide(NodeWorkerRunner.layer),
  NodeRuntime.runMain
)
