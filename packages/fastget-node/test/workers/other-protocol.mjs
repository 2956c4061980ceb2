import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const runner = WorkerRunner.layer(() => Stream.succeed({ _tag: "Hello", protocol: 999 }))

NodeRuntime.runMain(Effect.provide(WorkerRunner.launch(runner), NodeWorkerRunner.layer))
