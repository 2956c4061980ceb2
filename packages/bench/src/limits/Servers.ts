/** The servers of a row, in a process of their own (`server.ts`), which is asked by messages. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BenchError } from "../BenchError.js"
import * as Child from "../Child.js"
import type { Counted, Model } from "./Task.js"

export interface Servers {
  readonly urls: ReadonlyArray<string>
  /** What each has counted so far. */
  readonly counted: Effect.Effect<ReadonlyArray<Counted>, BenchError>
}

const program = new URL("../../dist/limits/server.js", import.meta.url).pathname

export const make = (models: ReadonlyArray<Model>): Effect.Effect<Servers, BenchError, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Child.start(process.execPath, [program, JSON.stringify(models)], { ipc: true })
    const first = yield* Child.message<ReadonlyArray<Counted>>(child)
    return {
      urls: first.map(({ url }) => url),
      counted: Effect.suspend(() => {
        child.process.send("counted")
        return Child.message<ReadonlyArray<Counted>>(child)
      })
    }
  })
