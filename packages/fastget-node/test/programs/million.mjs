/**
 * Fetches a million entries and stops early, as its second argument says. It
 * has to end by itself: nothing here calls process.exit.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"

const [url, mode] = process.argv.slice(2)

function* entries() {
  for (let n = 0; n < 1_000_000; n++) yield [n, `${url}/${n}`]
}

const results = FastGet.stream(entries(), { logLevel: "None" })
const layer = NodeFastGet.layer({ numWorkers: 2 })

const modes = {
  take: Effect.map(Stream.runCount(Stream.take(results, 10)), (count) => `took ${count}`),
  interrupt: Effect.gen(function*() {
    const started = yield* Deferred.make()
    const fiber = yield* Effect.fork(Stream.runForEach(results, () => Deferred.succeed(started, undefined)))
    yield* Deferred.await(started)
    return `interrupted: ${(yield* Fiber.interrupt(fiber))._tag}`
  }),
  fail: Effect.map(
    Effect.flip(Stream.runForEach(results, () => Effect.fail("consumer broke"))),
    (error) => `failed: ${error}`
  )
}

const program = mode === "interrupt all"
  ? Effect.gen(function*() {
    const started = yield* Deferred.make()
    const fiber = yield* Effect.fork(
      Effect.provide(Stream.runForEach(results, () => Deferred.succeed(started, undefined)), layer)
    )
    yield* Deferred.await(started)
    return `interrupted: ${(yield* Fiber.interrupt(fiber))._tag}`
  })
  : Effect.provide(modes[mode], layer)

Effect.runPromise(program).then((text) => process.stdout.write(`${text}\n`))
