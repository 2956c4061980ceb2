/** FastGet, cold: from the making of its layer to the first result. Its imports are counted apart. */
import * as Measure from "../Measure.js"
import type { Task } from "../Task.js"
import * as TaskModule from "../Task.js"

const task: Task = JSON.parse(process.argv[2]!)
const [Effect, FastGet, NodeFastGet] = await Promise.all([
  import("effect/Effect"),
  import("fastget/FastGet"),
  import("fastget-node/NodeFastGet")
])
const cpu = process.cpuUsage()
const start = performance.now()
// The time ends inside: the layer's release is not part of it.
const program = Effect.map(FastGet.get(TaskModule.url(task, 0)), (json) => [json, performance.now()] as const)
const [json, end] = await Effect.runPromise(Effect.provide(program, NodeFastGet.layer()))
Measure.reportFirst(start, end, process.cpuUsage(cpu), json)
