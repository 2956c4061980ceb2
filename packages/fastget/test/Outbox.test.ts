import * as Outbox from "#internal/run/Outbox"
import * as RunLog from "#internal/run/RunLog"
import * as RunMetrics from "#internal/run/RunMetrics"
import * as Answers from "#internal/wire/Answers"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { FastGetConfig, FetchError, Outcome } from "fastget"
import * as Chunks from "./Chunks.js"

const gone = Answers.unanswered({ _tag: "Status", status: 404, snippet: "" })

/** An outbox that emits ids of successes, and those of failures as negative numbers. */
const make = (failFast = false, decode?: Outbox.Options<number, unknown, number, never>["decode"]) =>
  Effect.gen(function*() {
    const buffered = SharedBytes.make(2 ** 20)
    const outbox = yield* Outbox.make<number, unknown, number, string, never>({
      settings: { ...FastGetConfig.defaults(1), queueMaxSize: 10 },
      limitedBy: () => undefined,
      metrics: RunMetrics.untagged,
      log: RunLog.silent,
      buffered,
      failFast,
      decode: decode ?? ((result) => Outcome.decode(result, "json")),
      emit: (id, _, result) => Either.isRight(result) ? id : -id
    })
    const deliver = (answers: Readonly<Record<number, Outcome.Answer>>) =>
      outbox.deliver(Chunks.entries(...Object.keys(answers).map(Number)), Object.values(answers))
    const pull = Effect.map(outbox.pull, (chunk) => [...chunk])
    return { buffered, deliver, outbox, pull }
  })

describe("the outbox of a run", () => {
  it.scoped("gives the consumer what was delivered, in that order, and waits for more", () =>
    Effect.gen(function*() {
      const { deliver, outbox, pull } = yield* make()
      outbox.taken(3)
      yield* deliver({ 1: Chunks.answer(), 2: gone })
      expect(yield* pull).toEqual([1, -2])
      const next = yield* Effect.fork(pull)
      yield* Effect.yieldNow()
      yield* deliver({ 3: Chunks.answer() })
      expect(yield* Fiber.join(next)).toEqual([3])
    }))

  it.scoped("ends as the input did, when each entry has its answer and the consumer all of them", () =>
    Effect.gen(function*() {
      for (
        const [end, expected] of [[Exit.void, Option.none()], [Exit.fail("broken"), Option.some("broken")]] as const
      ) {
        const { deliver, outbox, pull } = yield* make()
        outbox.taken(2)
        outbox.inputEnded(end)
        yield* deliver({ 1: Chunks.answer() })
        expect(yield* pull).toEqual([1])
        const finished = yield* Effect.fork(outbox.finished)
        yield* Effect.yieldNow()
        expect(finished.unsafePoll()).toBeNull()
        yield* deliver({ 2: Chunks.answer() })
        yield* Fiber.join(finished)
        expect(yield* pull).toEqual([2])
        expect(yield* Effect.flip(pull)).toEqual(expected)
      }
    }))

  it.scoped("has room again when the consumer has left a batch behind, and wakes the reader for it", () =>
    Effect.gen(function*() {
      const { deliver, outbox, pull } = yield* make()
      outbox.taken(4)
      yield* deliver({ 1: Chunks.answer(), 2: Chunks.answer() })
      yield* pull
      expect(outbox.room()).toBe(6)
      outbox.watch()
      const changed = yield* Effect.fork(outbox.changed)
      yield* Effect.yieldNow()
      expect(changed.unsafePoll()).toBeNull()
      yield* Effect.fork(pull)
      yield* Fiber.join(changed)
      expect(outbox.room()).toBe(8)
    }))

  it.scoped("takes bytes off the run's count when the consumer has them, and when nobody will", () =>
    Effect.gen(function*() {
      const { buffered, deliver, outbox, pull } = yield* make()
      SharedBytes.join(1, buffered.chunk()).add(15)
      outbox.taken(3)
      yield* deliver({ 1: Chunks.answer(5) })
      yield* pull
      expect(buffered.held()).toBe(10)
      yield* deliver({ 2: Chunks.answer(5) })
      outbox.clear()
      expect(buffered.held()).toBe(5)
      outbox.finish(Exit.void)
      yield* deliver({ 3: Chunks.answer(5) })
      expect(buffered.held()).toBe(0)
    }))

  it.scoped("ends a run that is fail-fast with its first failure, after what came before it", () =>
    Effect.gen(function*() {
      const { deliver, outbox, pull } = yield* make(true)
      outbox.taken(4)
      yield* deliver({ 1: Chunks.answer(), 2: gone })
      yield* outbox.finished
      yield* deliver({ 3: Chunks.answer() })
      expect(yield* pull).toEqual([1])
      const end = Option.getOrThrow(yield* Effect.flip(pull))
      expect(end).toBeInstanceOf(FetchError.FetchError)
      expect(end).toMatchObject({ id: 2, url: "http://a.example/2", reason: { _tag: "Status", status: 404 } })
    }))

  it.scoped("ends it also with a body that can't be decoded, before what came after it", () =>
    Effect.gen(function*() {
      const bad = { ...Chunks.answer(), result: { _tag: "Body" as const, body: new TextEncoder().encode("{") } }
      const { deliver, outbox, pull } = yield* make(true)
      outbox.taken(2)
      outbox.inputEnded(Exit.void)
      yield* deliver({ 1: Chunks.answer(), 2: bad })
      expect(yield* pull).toEqual([1])
      expect(Option.getOrThrow(yield* Effect.flip(pull))).toMatchObject({ id: 2, reason: { _tag: "Decode" } })
    }))

  it.scoped("waits for decoding that needs a fiber", () =>
    Effect.gen(function*() {
      const gate = yield* Effect.makeLatch()
      const { deliver, outbox, pull } = yield* make(false, () => Effect.as(gate.await, 1))
      outbox.taken(1)
      yield* deliver({ 1: Chunks.answer() })
      const pulled = yield* Effect.fork(pull)
      yield* Effect.yieldNow()
      expect(pulled.unsafePoll()).toBeNull()
      yield* gate.open
      expect(yield* Fiber.join(pulled)).toEqual([1])
    }))

  it.scoped("of a run that is drained ends without the answers that will not come", () =>
    Effect.gen(function*() {
      const { deliver, outbox, pull } = yield* make()
      outbox.taken(2)
      yield* deliver({ 1: Chunks.answer() })
      outbox.drained()
      yield* outbox.finished
      expect(yield* pull).toEqual([1])
      expect(yield* Effect.flip(pull)).toEqual(Option.none())
    }))
})
