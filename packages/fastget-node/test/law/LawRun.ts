/** Runs a case over a real pool and the real server, and says what was seen. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { PoolError } from "fastget"
import { FastGet, FetchError } from "fastget"
import type { Entry } from "fastget/Entry"
import { Ticks } from "loopback"
import type { Case, Kind } from "./LawCase.js"
import * as LawInput from "./LawInput.js"
import type { LawPool } from "./LawPools.js"
import type { LawServer } from "./LawServer.js"
import { padding } from "./LawServer.js"

/** What came of an entry: the key is what its URL ends with. */
export interface Seen {
  readonly key: number
  readonly id: unknown
  readonly came: "success" | "another body" | FetchError.ReasonTag
}

type End =
  | { readonly _tag: "done" }
  | { readonly _tag: "interrupted" }
  | { readonly _tag: "hung" }
  | { readonly _tag: "input failure" }
  | { readonly _tag: "fetch error"; readonly seen: Seen }
  | { readonly _tag: "other"; readonly text: string }

export interface Observation {
  readonly ids: ReadonlyArray<unknown>
  readonly taken: number
  readonly outcomes: ReadonlyArray<Seen>
  readonly end: End
  /** The most entries that were taken and not left behind by the consumer. */
  readonly mostAhead: number
  readonly inputClosed: boolean
  /** Sockets on which the server still owed an answer a second after the end. */
  readonly unanswered: number
  /** The paths of requests that came longer than a second after the end of their case, which was before this one. */
  readonly late: ReadonlyArray<string>
  /** What the pool answered to one more entry. */
  readonly next: string
}

/** By when, in milliseconds, a stream has to have ended, and how long after its end its sockets may live. */
const hungAfter = 30_000
const closedWithin = 1000

/** A stream that is to be interrupted is so after this, in milliseconds, if the server never gets enough requests. */
const interruptAfter = 300

const limits = {
  "ample": { timeout: "10 seconds" },
  "tiny timeout": { timeout: "60 millis" },
  "tiny deadline": { timeout: "10 seconds", deadline: "60 millis" }
} as const

let cases = 0

export const run = (testCase: Case, server: LawServer, pool: LawPool): Effect.Effect<Observation> =>
  Effect.gen(function*() {
    const name = `case${cases++}`
    yield* pool.whole
    const ids = Array.from({ length: testCase.ids }, (_, id): LawInput.Id => ({ id }))
    const idOf = (key: number) => ids[key % ids.length]!
    const entryOf = (key: number): Entry<LawInput.Id> => [
      idOf(key),
      urlOf(server.url, name, testCase.entries[key]!, key)
    ]
    const outcomes: Array<Seen> = []
    let leftBehind = 0
    let mostAhead = 0
    const input = LawInput.make(testCase, entryOf, () => {
      mostAhead = Math.max(mostAhead, input.taken() - leftBehind)
    })
    testCase.deaths.forEach((requests, which) => server.when(name, requests, () => pool.kill(which)))

    const fiber = yield* results(testCase, input).pipe(
      Stream.runForEachChunk((batch) =>
        Effect.sync(() => outcomes.push(...batch)).pipe(
          Effect.zipRight(testCase.pause === 0 ? Effect.void : Effect.sleep(testCase.pause)),
          Effect.zipRight(Effect.sync(() => {
            leftBehind = outcomes.length
          }))
        )
      ),
      Effect.provide(pool.context),
      Effect.fork
    )
    const exit = yield* endOf(testCase, name, server, fiber)

    server.end(name)
    const unanswered = yield* closed(server)
    const next = yield* Effect.provide(FastGet.get(`${server.url}/next/ok/${cases}`), pool.context).pipe(
      Effect.match({ onFailure: String, onSuccess: (json) => JSON.stringify(json) })
    )
    return {
      ids: testCase.entries.map((_, key) => idOf(key)),
      taken: input.taken(),
      outcomes,
      end: exit,
      mostAhead,
      inputClosed: input.closed(),
      unanswered,
      late: server.late(),
      next: next === `{"key":${cases}}` ? "answered" : next
    }
  })

const urlOf = (origin: string, name: string, kind: Kind, key: number): string => {
  const path = `${name}/${kind}/${key}`
  if (kind === "refused") return `http://127.0.0.1:1/${path}`
  return kind === "invalid" ? `ftp://127.0.0.1/${path}` : `${origin}/${path}`
}

const results = (testCase: Case, { entries }: LawInput.LawInput) => {
  const options = {
    ...testCase.settings,
    ...limits[testCase.limit],
    retry: { times: 1, base: 1, cap: 1, budget: Infinity }
  }
  const all: Stream.Stream<
    Seen,
    FetchError.FetchError<LawInput.Id> | PoolError.PoolError | LawInput.InputFailure,
    FastGet.FastGet
  > = testCase.output === "stream"
    ? Stream.map(FastGet.stream(entries, options), ([id, json]) => seenBody(id, json))
    : testCase.output === "streamEither"
    ? Stream.map(FastGet.streamEither(entries, options), ([id, result]) => seen(id, result))
    : Stream.map(FastGet.outcomes(entries, options), ({ id, result }) => seen(id, result))
  return testCase.end._tag === "take" ? Stream.take(all, testCase.end.outcomes) : all
}

const seen = (id: unknown, result: Either.Either<unknown, FetchError.FetchError<LawInput.Id>>): Seen =>
  Either.match(result, { onLeft: seenError, onRight: (json) => seenBody(id, json) })

const seenError = ({ id, reason, url }: FetchError.FetchError<LawInput.Id>): Seen => ({
  id,
  key: Number(url.split("/").at(-1)),
  came: reason._tag
})

const seenBody = (id: unknown, json: unknown): Seen => {
  const { key, ...rest } = json as { readonly key: number; readonly padding?: string }
  return { id, key, came: rest.padding === undefined || rest.padding === padding ? "success" : "another body" }
}

const endOf = <E>(
  testCase: Case,
  name: string,
  server: LawServer,
  fiber: Fiber.RuntimeFiber<void, E>
): Effect.Effect<End> =>
  Effect.gen(function*() {
    if (testCase.end._tag === "interrupt") {
      const reached = yield* Deferred.make<void>()
      server.when(name, testCase.end.requests, () => Deferred.unsafeDone(reached, Exit.void))
      yield* Deferred.await(reached).pipe(
        Effect.raceFirst(Fiber.await(fiber)),
        Effect.timeout(interruptAfter),
        Effect.ignore
      )
      return toEnd(yield* Fiber.interrupt(fiber))
    }
    const exit = yield* Effect.timeoutOption(Fiber.await(fiber), hungAfter)
    if (exit._tag === "Some") return toEnd(exit.value)
    yield* Fiber.interrupt(fiber)
    return { _tag: "hung" }
  })

const toEnd = <E>(exit: Exit.Exit<void, E>): End => {
  if (Exit.isSuccess(exit)) return { _tag: "done" }
  if (Cause.isInterruptedOnly(exit.cause)) return { _tag: "interrupted" }
  const error = Cause.squash(exit.cause)
  if (error instanceof LawInput.InputFailure) return { _tag: "input failure" }
  if (FetchError.isFetchError(error)) {
    return { _tag: "fetch error", seen: seenError(error as FetchError.FetchError<LawInput.Id>) }
  }
  return { _tag: "other", text: Cause.pretty(exit.cause) }
}

/** Waits until the server owes no answer, or the time for that is over. */
const closed = (server: LawServer): Effect.Effect<number> => {
  const until = Ticks.now() + closedWithin
  const look: Effect.Effect<number> = Effect.suspend(() =>
    server.unanswered() === 0 || Ticks.now() > until
      ? Effect.succeed(server.unanswered())
      : Effect.delay(look, 5)
  )
  return look
}
