/** FastGet as the clients of the benchmark run it: a generator goes in, the stream is drained a chunk at a time. */
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type { Part } from "./Measure.js"
import * as Measure from "./Measure.js"

/** Runs FastGet with these options as this process' program. */
export const main = (options?: NodeFastGet.Options): Promise<void> =>
  Measure.main(() => {
    const runtime = ManagedRuntime.make(NodeFastGet.layer(options))
    return {
      run: (part) => runtime.runPromise(drain(part)),
      close: () => runtime.dispose()
    }
  })

const drain = (part: Part) =>
  Stream.runForEachChunk(FastGet.stream(entries(part)), (results) =>
    Effect.sync(() => {
      for (const [n, json] of results) part.answer(n, json)
    }))

function* entries({ count, url }: Part): Generator<readonly [number, string]> {
  for (let n = 0; n < count; n++) yield [n, url(n)]
}
