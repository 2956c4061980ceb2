import { WorkerRunner } from "@effect/platform"
import { NodeRuntime, NodeWorkerRunner } from "@effect/platform-node"
import { Effect, Layer, Stream } from "effect"

const runner = WorkerRunner.layer(() => Stream.succeed({ _tag: "Hello", protocol: 999 }))

NodeRuntime.runMain(WorkerRunner.launch(Layer.provide(runner, NodeWorkerRunner.layer)).pipe(Effect.provide(NodeWorkerRunner.layer)))
