/** FastGet, with its defaults unless the row has options. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import * as Measure from "../Measure.js"
import { success } from "../Task.js"

await Measure.main(({ options }) => {
  const runtime = ManagedRuntime.make(NodeFastGet.layer({ logLevel: "None", ...options }))
  return {
    run: (urls, done) =>
      runtime.runPromise(Stream.runForEach(
        FastGet.outcomes(urls.map((url, n) => [n, url] as const)),
        ({ id, result }) => Effect.sync(() => done(id, Either.isRight(result) ? success : result.left.reason._tag))
      )),
    close: () => runtime.dispose()
  }
})
