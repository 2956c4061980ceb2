/** What the tests of threads that end have in common: entries of which some end their thread, and what came of them. */
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { FastGet, FetchMetrics } from "fastget"
import { NodeFastGet } from "fastget-node"
import { fileURLToPath } from "node:url"
import type { Worker } from "node:worker_threads"
import * as TestWorkers from "./TestWorkers.js"

/** Runs an effect while a layer is open. */
export const using = (options: NodeFastGet.Options) =>
  Effect.provide(NodeFastGet.layer({ logLevel: "None", retry: { times: 0 }, ...options }))

/** Entries by number; those of `special` have a path of their own. */
export const entriesOf = (url: string, count: number, special: Readonly<Record<number, string>>) =>
  Array.from({ length: count }, (_, n) => [n, `${url}/${special[n] ?? n}`] as const)

/** The failures by id, once it is sure that each id came once and the others with their answer. */
export const failuresOf = (url: string, count: number, special: Readonly<Record<number, string>>) =>
  Effect.map(Stream.runCollect(FastGet.streamEither(entriesOf(url, count, special))), (results) => {
    expect([...results].map(([id]) => id).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n))
    return Object.fromEntries([...results].flatMap(([id, result]) => {
      if (Either.isLeft(result)) return [[id, result.left.reason]]
      if (special[id] === undefined) expect(result.right).toBe(`/${id}`)
      return []
    }))
  })

/** Threads this process starts, to be ended from outside. */
export const spawned = (name: TestWorkers.Name) => {
  const workers: Array<Worker> = []
  return {
    workers,
    spawn: (options: Parameters<NodeFastGet.Options["worker"] & {}>[0]) => {
      const worker = TestWorkers.spawn(name)(options)
      workers.push(worker)
      worker.once("exit", () => workers.splice(workers.indexOf(worker), 1))
      return worker
    }
  }
}

/** How many threads are ready. */
export const ready = () => Effect.runSync(Metric.value(FetchMetrics.workers)).value

/** The path of a program of its own. */
export const program = (name: string) => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url))
