/** Plain Effect: `Stream.mapEffect` with a concurrency of 64 over the stock undici layer. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as Measure from "../Measure.js"

await Measure.main(({ connections }) => {
  const runtime = ManagedRuntime.make(NodeHttpClient.layerUndici)
  return {
    run: ({ answer, count, url }) =>
      runtime.runPromise(
        Stream.fromIterable(Measure.numbers(count)).pipe(
          Stream.mapEffect(
            (n) =>
              HttpClient.get(url(n)).pipe(
                Effect.flatMap((response) => response.json),
                Effect.map((json) => answer(n, json))
              ),
            { concurrency: connections, unordered: true }
          ),
          Stream.runDrain
        )
      ),
    close: () => runtime.dispose()
  }
})
