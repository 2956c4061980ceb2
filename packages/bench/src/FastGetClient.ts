/** FastGet as the clients of the benchmark run it: a generator goes in, the stream is drained. */
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"
import type { Part } from "./Measure.js"
import * as Measure from "./Measure.js"

type Results = Stream.Stream<readonly [number, unknown], unknown, FastGet.FastGet>

/** How the results are taken: each is given to `answer`. */
type Drain = (results: Results, answer: Part["answer"]) => Effect.Effect<unknown, unknown, FastGet.FastGet>

const fold: Drain = (results, answer) =>
  Stream.runFold(results, 0, (answers, [n, json]) => {
    answer(n, json)
    return answers + 1
  })

export const forEach: Drain = (results, answer) =>
  Stream.runForEach(results, ([n, json]) => Effect.sync(() => answer(n, json)))

/** Runs FastGet with these options as this process' program. */
export const main = (options?: NodeFastGet.Options, drain = fold): Promise<void> =>
  Measure.main(() => {
    const runtime = ManagedRuntime.make(NodeFastGet.layer(options))
    return {
      run: (part) => runtime.runPromise(drain(FastGet.stream(entries(part)), part.answer)),
      close: () => runtime.dispose()
    }
  })

function* entries({ count, url }: Part): Generator<readonly [number, string]> {
  for (let n = 0; n < count; n++) yield [n, url(n)]
}
