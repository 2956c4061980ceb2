import type * as HttpClient from "@effect/platform/HttpClient"
import { describe, expectTypeOf, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { FastGetConfig, FetchPool, Json, Outcome, PoolError } from "fastget"
import { FastGet, FetchError } from "fastget"

class InputError {
  readonly _tag = "InputError"
}
class Database extends Context.Tag("Database")<Database, { readonly name: string }>() {}
class Calendar extends Context.Tag("Calendar")<Calendar, { readonly now: number }>() {}

const User = Schema.Struct({ name: Schema.String, at: Schema.NumberFromString })
type User = typeof User.Type
/** A schema that needs a service. */
const Stamped = User as unknown as Schema.Schema<User, typeof User.Encoded, Calendar>

const pairs: ReadonlyArray<readonly [number, string]> = [[1, "http://a/1"]]
const live: Stream.Stream<readonly [number, string], InputError, Database> = Stream.empty

/** The success, error and context of a Stream. */
type Parts<S> = S extends Stream.Stream<infer A, infer E, infer R> ? [A, E, R] : never

const expectParts = <S>(_: S) => expectTypeOf<Parts<S>>()
const expectId = <Id, B, E, R>(_: Stream.Stream<readonly [Id, B], E, R>) => expectTypeOf<Id>()
/** For calls that only the compiler may see. */
const neverRun = (_: () => unknown) => undefined

const key = Symbol("key")
class Ticket {
  constructor(readonly n: number) {}
}

type Failure<Id, E = never> = FetchError.FetchError<Id> | PoolError.PoolError | E

describe("FastGet.stream", () => {
  it("types JSON by entries, options, both and neither", () => {
    type Expected = [readonly [number, Json.Json], Failure<number>, FastGet.FastGet]
    expectParts(FastGet.stream(pairs)).toEqualTypeOf<Expected>()
    expectParts(FastGet.stream(pairs, {})).toEqualTypeOf<Expected>()
    expectParts(FastGet.stream(pairs, { timeout: "1 second" })).toEqualTypeOf<Expected>()
    expectParts(FastGet.stream()(pairs)).toEqualTypeOf<Expected>()
    expectParts(FastGet.stream({ queueMaxSize: 10 })(pairs)).toEqualTypeOf<Expected>()
  })

  it("keeps the input's error and services, data first and called in a pipe", () => {
    type Expected = [readonly [number, Json.Json], Failure<number, InputError>, FastGet.FastGet | Database]
    expectParts(FastGet.stream(live)).toEqualTypeOf<Expected>()
    expectParts(live.pipe(FastGet.stream())).toEqualTypeOf<Expected>()
    expectParts(live.pipe(FastGet.stream({ concurrency: 2 }))).toEqualTypeOf<Expected>()
  })

  it("types results by the schema and asks for its services", () => {
    type Expected = [readonly [number, User], Failure<number, InputError>, FastGet.FastGet | Database | Calendar]
    expectParts(FastGet.stream(live, { schema: Stamped })).toEqualTypeOf<Expected>()
    expectParts(live.pipe(FastGet.stream({ schema: Stamped }))).toEqualTypeOf<Expected>()
    expectParts(FastGet.stream(pairs, { schema: User, timeout: 5 })).toEqualTypeOf<
      [readonly [number, User], Failure<number>, FastGet.FastGet]
    >()
    expectParts(FastGet.stream({ schema: User })(pairs)).toEqualTypeOf<
      [readonly [number, User], Failure<number>, FastGet.FastGet]
    >()
  })

  it("infers ids of every kind", () => {
    expectId(FastGet.stream([["a", "http://a"], ["b", new URL("http://b")]]))
      .toEqualTypeOf<string>()
    expectId(FastGet.stream([[new Ticket(1), "http://a"]])).toEqualTypeOf<Ticket>()
    expectId(FastGet.stream([[{ n: 1 }, "http://a"]])).toEqualTypeOf<{ n: number }>()
    expectId(FastGet.stream(new Map([[key, "http://a"]]))).toEqualTypeOf<symbol>()
    expectId(FastGet.stream(new Map([[new Ticket(1), "http://a"]]))).toEqualTypeOf<Ticket>()
    expectId(FastGet.stream([["a", "http://a"]] as const)).toEqualTypeOf<"a">()
    expectId(FastGet.stream(new Set<readonly [1 | "x", URL]>())).toEqualTypeOf<1 | "x">()
  })

  it("takes generators", () => {
    function* entries(): Generator<readonly [bigint, URL]> {
      yield [1n, new URL("http://a")]
    }
    expectId(FastGet.stream(entries())).toEqualTypeOf<bigint>()
    expectId(FastGet.stream()(entries())).toEqualTypeOf<bigint>()
  })

  it("takes a mapped Stream of pairs in a pipe", () => {
    const program = Stream.range(1, 3).pipe(
      Stream.map((n) => [n, `http://a/${n}`] as const),
      FastGet.stream({ schema: User }),
      Stream.map(([id, user]) => id + user.at)
    )
    expectParts(program).toEqualTypeOf<[number, Failure<number>, FastGet.FastGet]>()
  })

  it("refuses what are no entries, and options that belong elsewhere", () => {
    // @ts-expect-error a list of URLs has no ids
    neverRun(() => FastGet.stream(["http://a", "http://b"]))
    // @ts-expect-error a URL is text or a URL
    neverRun(() => FastGet.stream([[1, 2]]))
    // @ts-expect-error numWorkers is the layer's
    neverRun(() => FastGet.stream(pairs, { numWorkers: 1 }))
    // @ts-expect-error `as` is of outcomes
    neverRun(() => FastGet.stream(pairs, { as: "text" }))
    // @ts-expect-error a schema is a Schema
    neverRun(() => FastGet.stream(pairs, { schema: "User" }))
    expectTypeOf(FastGet.stream).toBeFunction()
  })
})

describe("FastGet.streamEither", () => {
  it("puts the entry's error into the Either and leaves pool and input in the stream", () => {
    type Result<A> = readonly [number, Either.Either<A, FetchError.FetchError<number>>]
    type Of<A, R = never> = [Result<A>, PoolError.PoolError | InputError, FastGet.FastGet | Database | R]
    expectParts(FastGet.streamEither(live)).toEqualTypeOf<Of<Json.Json>>()
    expectParts(live.pipe(FastGet.streamEither())).toEqualTypeOf<Of<Json.Json>>()
    expectParts(FastGet.streamEither(live, { schema: Stamped })).toEqualTypeOf<Of<User, Calendar>>()
    expectParts(live.pipe(FastGet.streamEither({ schema: Stamped }))).toEqualTypeOf<Of<User, Calendar>>()
    expectId(FastGet.streamEither([["a", "http://a"]])).toEqualTypeOf<string>()
  })
})

describe("FastGet.outcomes", () => {
  type Of<A, R = never> = [
    Outcome.Outcome<number, A>,
    PoolError.PoolError | InputError,
    FastGet.FastGet | Database | R
  ]

  it("is typed by `as`", () => {
    expectParts(FastGet.outcomes(live)).toEqualTypeOf<Of<Json.Json>>()
    expectParts(FastGet.outcomes(live, { as: "json" })).toEqualTypeOf<Of<Json.Json>>()
    expectParts(FastGet.outcomes(live, { as: "text" })).toEqualTypeOf<Of<string>>()
    expectParts(FastGet.outcomes(live, { as: "bytes", timeout: 1 })).toEqualTypeOf<Of<Uint8Array>>()
    expectParts(live.pipe(FastGet.outcomes())).toEqualTypeOf<Of<Json.Json>>()
    expectParts(live.pipe(FastGet.outcomes({ as: "json" }))).toEqualTypeOf<Of<Json.Json>>()
    expectParts(live.pipe(FastGet.outcomes({ as: "text" }))).toEqualTypeOf<Of<string>>()
    expectParts(live.pipe(FastGet.outcomes({ as: "bytes" }))).toEqualTypeOf<Of<Uint8Array>>()
  })

  it("is typed by the schema", () => {
    expectParts(FastGet.outcomes(live, { schema: Stamped })).toEqualTypeOf<Of<User, Calendar>>()
    expectParts(live.pipe(FastGet.outcomes({ schema: Stamped }))).toEqualTypeOf<Of<User, Calendar>>()
    expectParts(live.pipe(FastGet.outcomes({ schema: User, as: "json" }))).toEqualTypeOf<Of<User>>()
  })

  it("is typed by `parse`, with or without the rest of its options", () => {
    const parse = (text: string): Either.Either<bigint, FetchError.Reason> => Either.right(BigInt(text))
    expectParts(FastGet.outcomes(live, { parse })).toEqualTypeOf<Of<bigint>>()
    expectParts(live.pipe(FastGet.outcomes({ parse, as: "json", timeout: 1 }))).toEqualTypeOf<Of<bigint>>()
    const options = { withHeaders: false, drain: Effect.void }
    expectParts(FastGet.outcomes(live, options)).toEqualTypeOf<Of<Json.Json>>()
    expectParts(FastGet.outcomes(live, { ...options, parse })).toEqualTypeOf<Of<bigint>>()
    expectParts(FastGet.outcomes(live, { ...options, as: "bytes" })).toEqualTypeOf<Of<Uint8Array>>()
    expectParts(FastGet.outcomes(live, { ...options, schema: Stamped })).toEqualTypeOf<Of<User, Calendar>>()
  })

  it("refuses what can't go together, and a drain that fails or belongs elsewhere", () => {
    const parse = (text: string) => Either.right(text)
    // @ts-expect-error a text is not parsed
    neverRun(() => FastGet.outcomes(pairs, { parse, as: "text" }))
    // @ts-expect-error one of them decodes
    neverRun(() => FastGet.outcomes(pairs, { parse, schema: User }))
    // @ts-expect-error a reason is one of FastGet's
    neverRun(() => FastGet.outcomes(pairs, { parse: () => Either.left("why") }))
    // @ts-expect-error a drain can't fail
    neverRun(() => FastGet.outcomes(pairs, { drain: Effect.fail("why") }))
    // @ts-expect-error `drain` is of outcomes
    neverRun(() => FastGet.stream(pairs, { drain: Effect.void }))
    // @ts-expect-error `parse` is of outcomes
    neverRun(() => FastGet.get("http://a", { parse }))
    expectTypeOf(FastGet.outcomes).toBeFunction()
  })

  it("refuses a schema for text and bytes", () => {
    // @ts-expect-error a schema decodes JSON
    neverRun(() => FastGet.outcomes(pairs, { as: "text", schema: User }))
    // @ts-expect-error a schema decodes JSON
    neverRun(() => FastGet.outcomes(pairs, { as: "bytes", schema: User }))
    expectTypeOf(FastGet.outcomes).toBeFunction()
  })
})

describe("FastGet.get", () => {
  it("is typed by the schema, and its error has no id", () => {
    expectTypeOf(FastGet.get("http://a")).toEqualTypeOf<
      Effect.Effect<Json.Json, FetchError.FetchError<void> | PoolError.PoolError, FastGet.FastGet>
    >()
    expectTypeOf(FastGet.get(new URL("http://a"), { timeout: 1 })).toEqualTypeOf<
      Effect.Effect<Json.Json, FetchError.FetchError<void> | PoolError.PoolError, FastGet.FastGet>
    >()
    expectTypeOf(FastGet.get("http://a", { schema: Stamped })).toEqualTypeOf<
      Effect.Effect<User, FetchError.FetchError<void> | PoolError.PoolError, FastGet.FastGet | Calendar>
    >()
  })
})

describe("FastGet.traffic", () => {
  it("needs FastGet and does not fail", () => {
    expectTypeOf(FastGet.traffic).toEqualTypeOf<
      Effect.Effect<ReadonlyArray<FetchPool.OriginTraffic>, never, FastGet.FastGet>
    >()
  })
})

describe("the layers of fastget", () => {
  it("say what they need", () => {
    expectTypeOf(FastGet.layer()).toEqualTypeOf<Layer.Layer<FastGet.FastGet, never, HttpClient.HttpClient>>()
    expectTypeOf(FastGet.layer({ connectionsPerOrigin: 1, timeout: "1 second" })).toEqualTypeOf<
      Layer.Layer<FastGet.FastGet, never, HttpClient.HttpClient>
    >()
  })

  it("take no option that they could not keep", () => {
    expectTypeOf<FastGetConfig.InProcessOptions["numWorkers"]>().toEqualTypeOf<undefined>()
    neverRun(() => {
      // @ts-expect-error there are no threads
      FastGet.layer({ numWorkers: 1 })
      // @ts-expect-error the client makes the connections
      FastGet.layer({ connectTimeout: "1 second" })
      // @ts-expect-error there are no threads
      FastGet.layer({ startTimeout: "1 second" })
      // @ts-expect-error there are no threads
      FastGet.layer({ stuckTimeout: "1 second" })
      const options: FastGetConfig.LayerOptions = { timeout: "1 second" }
      // @ts-expect-error these may have all of them
      FastGet.layer(options)
    })
  })
})

describe("the options of limits", () => {
  it("take a rate as parts and as text, and are set where they can be kept", () => {
    const options: FastGetConfig.LayerOptions = {
      rate: { requests: 100, per: "1 second", burst: 10 },
      throttle: { giveUpAfter: "1 hour" },
      concurrency: "adaptive",
      origins: { "https://api.example.com": { rate: "600/min" }, "*.example.org": { connections: 2 } }
    }
    expectTypeOf(options.origins).toEqualTypeOf<FastGetConfig.Origins | undefined>()
    neverRun(() => FastGet.stream(pairs, { rate: "1/10s" }))
    // @ts-expect-error a number has no time
    neverRun(() => FastGet.layer({ rate: 100 }))
    // @ts-expect-error nor has this text
    neverRun(() => FastGet.layer({ rate: "100" }))
    // @ts-expect-error a burst is of a rate
    neverRun(() => FastGet.layer({ rate: { burst: 10 } }))
    // @ts-expect-error it is switched off by false
    neverRun(() => FastGet.layer({ throttle: true }))
    // @ts-expect-error an origin has rate and connections
    neverRun(() => FastGet.layer({ origins: { "https://a": { rates: "1/s" } } }))
    // @ts-expect-error throttle is the layer's
    neverRun(() => FastGet.stream(pairs, { throttle: false }))
    // @ts-expect-error origins are the layer's
    neverRun(() => FastGet.stream(pairs, { origins: {} }))
  })

  it("become settings that are plain data", () => {
    expectTypeOf<FastGetConfig.Settings["concurrency"]>().toEqualTypeOf<number | "adaptive">()
    expectTypeOf<FastGetConfig.Settings["throttle"]>().toEqualTypeOf<false | { readonly giveUpAfter: number }>()
    expectTypeOf<FastGetConfig.Settings["origins"]>().toEqualTypeOf<ReadonlyArray<FastGetConfig.OriginRule>>()
    expectTypeOf<NonNullable<FastGetConfig.Settings["rate"]>["per"]>().toEqualTypeOf<number>()
  })
})

describe("FetchError", () => {
  it("narrows the reason in catchReason, and keeps the other errors", () => {
    const caught = FastGet.get("http://a").pipe(
      FetchError.catchReason("Status", (error) => {
        expectTypeOf(error.reason.status).toEqualTypeOf<number>()
        expectTypeOf(error.id).toEqualTypeOf<void>()
        return Stream.runHead(Stream.succeed("caught" as const))
      })
    )
    expectTypeOf<Effect.Effect.Error<typeof caught>>().toEqualTypeOf<
      FetchError.FetchError<void> | PoolError.PoolError
    >()
    expectTypeOf<Effect.Effect.Context<typeof caught>>().toEqualTypeOf<FastGet.FastGet>()
  })

  it("narrows the reason behind hasReason", () => {
    const statusOf = (error: FetchError.FetchError<string>): number | undefined =>
      FetchError.hasReason("Status", "EmptyBody")(error) ? error.reason.status : undefined
    expectTypeOf(statusOf).returns.toEqualTypeOf<number | undefined>()
  })

  it("has a union of reasons that a switch can exhaust", () => {
    type Tags = FetchError.Reason["_tag"]
    expectTypeOf<Tags>().toEqualTypeOf<
      | "InvalidUrl"
      | "Blocked"
      | "Dns"
      | "Connect"
      | "LocalLimit"
      | "Tls"
      | "Reset"
      | "Timeout"
      | "Truncated"
      | "Protocol"
      | "TooLarge"
      | "Redirect"
      | "Status"
      | "EmptyBody"
      | "Decompress"
      | "Decode"
      | "Transport"
      | "WorkerLost"
      | "OriginDown"
    >()
  })

  it("types its schema by the id's", () => {
    const schema = FetchError.schema(Schema.NumberFromString)
    expectTypeOf<typeof schema.Type>().toEqualTypeOf<FetchError.FetchError<number>>()
    expectTypeOf<typeof schema.Encoded>().toEqualTypeOf<FetchError.EncodedError<string>>()
  })
})

describe("Json", () => {
  it("is what JSON.parse can return, and nothing else", () => {
    expectTypeOf<{ readonly a: ReadonlyArray<number | null> }>().toExtend<Json.Json>()
    expectTypeOf<undefined>().not.toExtend<Json.Json>()
    expectTypeOf<Date>().not.toExtend<Json.Json>()
    expectTypeOf<bigint>().not.toExtend<Json.Json>()
  })
})
