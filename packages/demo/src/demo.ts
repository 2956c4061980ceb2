/**
 * `npm run demo` fetches 10,000 distinct URLs from a server of its own, first
 * with the command `fastget` from a file, then with the library;
 * `npm run demo -- URL COUNT` does it to yours: `{}` in the URL becomes the
 * number, or it is added as the query `?n=`.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"
import * as FileOfUrls from "./FileOfUrls.js"

const [givenUrl, givenCount = "10000"] = process.argv.slice(2)

const urlOf = (base: string) => (n: number) =>
  base.includes("{}") ? base.replaceAll("{}", String(n)) : `${base}${base.includes("?") ? "&" : "?"}n=${n}`

const main = Effect.gen(function*() {
  const count = Number(givenCount)
  if (!Number.isInteger(count) || count < 1) {
    return yield* Effect.dieMessage(`COUNT is ${givenCount}: it takes a whole number from 1`)
  }
  const base = givenUrl ?? `${(yield* LoopbackServer.make()).url}/{}`
  const url = urlOf(base)
  const byCommand = givenUrl === undefined ? yield* FileOfUrls.fetch(count, url) : count
  if (givenUrl === undefined) yield* Console.log(`the command fetched ${byCommand} of ${count}`)
  let fetched = 0
  yield* Stream.range(1, count).pipe(
    Stream.map((n) => [n, url(n)] as const),
    FastGet.streamEither(),
    Stream.runForEach(([, result]) =>
      Either.match(result, {
        onLeft: (error) => Effect.logError(error.message),
        onRight: () => Effect.sync(() => fetched++)
      })
    ),
    Effect.provide(NodeFastGet.layer({ log: "original", logLevel: "Info" }))
  )
  yield* Console.log(`fetched ${fetched} of ${count}`)
  if (fetched < count || byCommand < count) process.exitCode = 1
}).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

NodeRuntime.runMain(main)
