/**
 * Many GETs as one stream. Entries (pairs of an id and a URL) go in; the JSON of
 * each, or why there is none, comes out as it arrives. The `FastGet` service
 * holds the pool of workers and the settings; the functions here use it.
 *
 * - {@link stream} fails with the first entry that fails,
 * - {@link streamEither} gives each entry's result or error, and goes on,
 * - {@link outcomes} adds status, headers, bytes, attempts and time,
 * - {@link get} is for one URL.
 *
 * Longer than 300 lines, because each of the four states all its signatures
 * (with a schema or without, from values, streams or effects) with their docs:
 * what users read first stands in one place.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type { ParseOptions } from "effect/SchemaAST"
import * as Stream from "effect/Stream"
import type { Entries } from "./Entry.js"
import { isEntries } from "./Entry.js"
import type { InProcessOptions, Settings, StreamOptions } from "./FastGetConfig.js"
import * as FastGetConfig from "./FastGetConfig.js"
import type { FetchError, Reason } from "./FetchError.js"
import * as FetchPool from "./FetchPool.js"
import * as ShortLived from "./internal/memory/ShortLived.js"
import * as CallerLocation from "./internal/run/CallerLocation.js"
import * as CallOptions from "./internal/run/CallOptions.js"
import { ExclusiveAccess } from "./internal/run/ExclusiveAccess.js"
import * as PoolChecks from "./internal/run/PoolChecks.js"
import * as ResultDecoder from "./internal/run/ResultDecoder.js"
import * as Run from "./internal/run/Run.js"
import * as RunLog from "./internal/run/RunLog.js"
import type { Json } from "./Json.js"
import type { Answer, As, Outcome } from "./Outcome.js"
import type { PoolError } from "./PoolError.js"

/** A run as the functions here ask for it: what a run needs, less what the service has. */
interface Request<Id, A, B, E, R, R2>
  extends Omit<Run.Options<Id, A, B, E, R, R2>, "runId" | "pool" | "slots" | "settings" | "log" | "rate">
{
  readonly options: StreamOptions
  readonly logged: boolean
}

/**
 * What is behind the functions here. A program has no use for it but to provide
 * it: `make` gives one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Runs entries over the pool: exactly one element for each entry taken, and for those under way where it is drained. */
  readonly run: <Id, A, B, E, R, R2>(
    request: Request<Id, A, B, E, R, R2>
  ) => Stream.Stream<B, FetchError<Id> | PoolError | E, R | R2>
  /** What the pool knows of the origins. */
  readonly traffic: () => ReadonlyArray<FetchPool.OriginTraffic>
  /** Begins with an origin where another pool, as one on another machine, was, and counts its rate as used up. */
  readonly inherit: (origin: string, known: FetchPool.KnownTraffic) => void
}

/**
 * The service: a pool of workers and the settings of its layer. One serves any
 * number of streams at once; they take the workers' connections in turn.
 *
 * @since 0.1.0
 * @category tags
 */
export class FastGet extends Context.Tag("fastget/FastGet")<FastGet, Service>() {}

/**
 * A service over a pool. A stream's options are resolved over the settings; one
 * out of its range is a defect, `FastGetConfig.InvalidOption`. So is
 * `denyPrivate` in settings over a pool that does not keep it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (pool: FetchPool.Pool, settings: Settings): Service => {
  ShortLived.prepare()
  const slots = pool.workers.map((worker) => ({ worker, access: new ExclusiveAccess() }))
  let runIds = 0
  return {
    run: ({ options, ...request }) =>
      Stream.unwrap(Effect.map(Effect.orDie(PoolChecks.ofStream(options, settings, pool)), (own) => {
        const runId = runIds++
        const log = request.logged ? RunLog.make(runId, pool.workers.length, own) : RunLog.silent
        // The layer's is kept for all streams together.
        const rate = own.rate === settings.rate ? undefined : own.rate
        return Run.stream({ ...request, runId, pool, slots, settings: own, log, ...(rate && { rate }) })
      })),
    traffic: () => pool.traffic?.() ?? [],
    inherit: (origin, known) => pool.inherit?.(origin, known)
  }
}

/**
 * FastGet over the `FetchPool` in context. A limit that the pool does not keep
 * is a defect, an `InvalidOption`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPool = (settings: Settings): Layer.Layer<FastGet, never, FetchPool.FetchPool> =>
  Layer.effect(
    FastGet,
    Effect.flatMap(
      FetchPool.FetchPool,
      (pool) => Effect.as(Effect.orDie(PoolChecks.ofLayer(settings, pool)), make(pool, settings))
    )
  )

/**
 * FastGet without workers: the requests run in this program, through the
 * `HttpClient` in context. For platforms without threads, and for tests with a
 * client of their own. An option out of its range is a defect, and so is one
 * that nothing here could keep: those of threads and of making connections.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { FastGet } from "fastget"
 *
 * export const FastGetLive = FastGet.layer({ timeout: "5 seconds" }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 */
export const layer = (options: InProcessOptions = {}): Layer.Layer<FastGet, never, HttpClient.HttpClient> =>
  // The types leave them out; a program without types is told.
  FastGetConfig.resolve(options as FastGetConfig.LayerOptions, FastGetConfig.defaults(1), "in process").pipe(
    // Nothing here sees the addresses that the client connects to, and a guard that guards nothing is worse than none.
    Effect.filterOrFail(
      ({ denyPrivate }) => denyPrivate === false,
      ({ denyPrivate }) =>
        new FastGetConfig.InvalidOption({
          option: "denyPrivate",
          value: JSON.stringify(denyPrivate),
          range: "false in FastGet.layer: give it to the client, such as NodeGetClient, or take NodeFastGet.layer"
        })
    ),
    Effect.orDie,
    Effect.map((settings) => Layer.provide(layerPool(settings), FetchPool.layerInProcessWith(settings))),
    Layer.unwrapEffect
  )

/**
 * Options of a stream whose results are decoded by a schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithSchema<A, I, R> extends StreamOptions {
  readonly schema: Schema.Schema<A, I, R>
  /** How the schema decodes, as Effect's own functions take it; `errors` is "all" unless it is given. */
  readonly parseOptions?: ParseOptions
}

/**
 * Options of a stream whose results are JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithoutSchema extends StreamOptions {
  readonly schema?: never
}

/**
 * What the compiler says of entries that are none: the last signature of each
 * function is the one that its message is about. `[["a", url]]` in a variable is
 * a `string[][]`, and no list of pairs.
 */
type OrPairs<Given> = Given extends Entries<infer _Id, infer _E, infer _R> ? Given
  : "Entries are pairs of an id and a URL. Write `as const` behind a list of them, or behind each pair."

/**
 * What a stream may fail with: an entry (`stream` only), the pool, the input.
 */
type Failure<Id, E> = FetchError<Id> | PoolError | E

/**
 * The JSON of every entry, as it arrives. Fails with the first `FetchError`,
 * after the successes that had arrived before it, and stops everything else at
 * once. When the input fails, what had been taken from it is answered first.
 * With `schema` the results are decoded, and typed by it.
 *
 * @since 0.1.0
 * @category streams
 * @example
 * ```ts
 * import { Effect, Schema, Stream } from "effect"
 * import { FastGet } from "fastget"
 *
 * const User = Schema.Struct({ name: Schema.String })
 *
 * export const program = Stream.range(1, 1_000_000).pipe(
 *   Stream.map((n) => [n, `https://api.example.com/users/${n}`] as const),
 *   FastGet.stream({ schema: User }),
 *   Stream.runForEach(([id, user]) => Effect.log(id, user.name))
 * )
 * ```
 */
export const stream: {
  <A, I, R2>(
    options: WithSchema<A, I, R2>
  ): <Id, E = never, R = never>(
    entries: Entries<Id, E, R>
  ) => Stream.Stream<readonly [Id, A], Failure<Id, E>, FastGet | R | R2>
  (
    options?: WithoutSchema
  ): <Id, E = never, R = never>(
    entries: Entries<Id, E, R>
  ) => Stream.Stream<readonly [Id, Json], Failure<Id, E>, FastGet | R>
  <Id, A, I, R2, E = never, R = never>(
    entries: Entries<Id, E, R>,
    options: WithSchema<A, I, R2>
  ): Stream.Stream<readonly [Id, A], Failure<Id, E>, FastGet | R | R2>
  <Id, E = never, R = never>(
    entries: Entries<Id, E, R>,
    options?: WithoutSchema
  ): Stream.Stream<readonly [Id, Json], Failure<Id, E>, FastGet | R>
  <Given>(entries: OrPairs<Given>, options?: WithoutSchema): Stream.Stream<never, never, FastGet>
} = entriesFirst((entries, options) =>
  run({ ...common(entries, options), failFast: true, emit: (id, _, result) => [id, Either.getOrThrow(result)] })
)

/**
 * The JSON of every entry or its `FetchError`, as they arrive: exactly one for
 * each entry taken. Fails only when the pool or the input does.
 *
 * @since 0.1.0
 * @category streams
 * @example
 * ```ts
 * import { Effect, Either, Stream } from "effect"
 * import { FastGet } from "fastget"
 *
 * const entries = [["a", "https://api.example.com/a"], ["b", "https://api.example.com/b"]] as const
 *
 * export const program = FastGet.streamEither(entries).pipe(
 *   Stream.runForEach(([id, result]) =>
 *     Either.match(result, {
 *       onLeft: (error) => Effect.logError(error.message),
 *       onRight: (json) => Effect.log(id, json)
 *     })
 *   )
 * )
 * ```
 */
export const streamEither: {
  <A, I, R2>(
    options: WithSchema<A, I, R2>
  ): <Id, E = never, R = never>(
    entries: Entries<Id, E, R>
  ) => Stream.Stream<readonly [Id, Either.Either<A, FetchError<Id>>], PoolError | E, FastGet | R | R2>
  (
    options?: WithoutSchema
  ): <Id, E = never, R = never>(
    entries: Entries<Id, E, R>
  ) => Stream.Stream<readonly [Id, Either.Either<Json, FetchError<Id>>], PoolError | E, FastGet | R>
  <Id, A, I, R2, E = never, R = never>(
    entries: Entries<Id, E, R>,
    options: WithSchema<A, I, R2>
  ): Stream.Stream<readonly [Id, Either.Either<A, FetchError<Id>>], PoolError | E, FastGet | R | R2>
  <Id, E = never, R = never>(
    entries: Entries<Id, E, R>,
    options?: WithoutSchema
  ): Stream.Stream<readonly [Id, Either.Either<Json, FetchError<Id>>], PoolError | E, FastGet | R>
  <Given>(entries: OrPairs<Given>, options?: WithoutSchema): Stream.Stream<never, never, FastGet>
} = entriesFirst((entries, options) => run({ ...common(entries, options), emit: (id, _, result) => [id, result] }))

/**
 * What {@link outcomes} takes beside the options of a stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface OutcomesOptions extends StreamOptions {
  /**
   * Whether an outcome has the headers of its answer; default true. Without them
   * `headers` is empty, and none of them goes from thread to thread.
   */
  readonly withHeaders?: boolean
  /**
   * When it completes the stream is drained: no more is taken from the input, no
   * request begins, those under way come to their outcomes, and the stream ends.
   * It is the one case in which entries that were taken have no outcome.
   */
  readonly drain?: Effect.Effect<void>
}

/**
 * Options of {@link outcomes} whose results are decoded by a schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface OutcomesWithSchema<A, I, R> extends OutcomesOptions {
  readonly schema: Schema.Schema<A, I, R>
  readonly parseOptions?: ParseOptions
  readonly as?: "json"
  readonly parse?: never
}

/**
 * Options of {@link outcomes} for bodies as text.
 *
 * @since 0.1.0
 * @category models
 */
export interface AsText extends OutcomesOptions {
  readonly as: "text"
  readonly schema?: never
  readonly parse?: never
}

/**
 * Options of {@link outcomes} for bodies as bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface AsBytes extends OutcomesOptions {
  readonly as: "bytes"
  readonly schema?: never
  readonly parse?: never
}

/**
 * Options of {@link outcomes} for bodies as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface AsJson extends OutcomesOptions {
  readonly as?: "json"
  readonly schema?: never
  readonly parse?: never
}

/**
 * Options of {@link outcomes} for JSON that is not to become JavaScript's values,
 * because they would lose digits, order or spaces, or cost too much.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithParse<A> extends OutcomesOptions {
  /**
   * What becomes of the text of a body, in place of `JSON.parse`. It runs in the
   * main program, when the consumer takes the outcome. An empty body is
   * `null` where `emptyBody` allows it. A value of a worker's own `decode` is
   * left as it is. Where it throws, the entry is a Decode failure.
   */
  readonly parse: (text: string) => Either.Either<A, Reason>
  readonly as?: "json"
  readonly schema?: never
}

type Outcomes<Id, A, E, R> = Stream.Stream<Outcome<Id, A>, PoolError | E, FastGet | R>

/**
 * Everything known of every entry, as it arrives: the result or the error, the
 * URL, the status and headers of the last answer, bytes, attempts and time.
 * With `as` the bodies are text or bytes, and not parsed; with `parse` they are
 * JSON that your own function reads. Exactly one outcome leaves for each entry
 * taken, but for those that a `drain` leaves behind.
 *
 * @since 0.1.0
 * @category streams
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { FastGet } from "fastget"
 *
 * const entries = [["logo", "https://example.com/logo.png"]] as const
 *
 * export const program = FastGet.outcomes(entries, { as: "bytes" }).pipe(
 *   Stream.runForEach(({ bytes, id, status }) => Effect.log(id, status, bytes))
 * )
 * ```
 */
export const outcomes: {
  <A, I, R2>(
    options: OutcomesWithSchema<A, I, R2>
  ): <Id, E = never, R = never>(entries: Entries<Id, E, R>) => Outcomes<Id, A, E, R | R2>
  <A>(options: WithParse<A>): <Id, E = never, R = never>(entries: Entries<Id, E, R>) => Outcomes<Id, A, E, R>
  (options: AsText): <Id, E = never, R = never>(entries: Entries<Id, E, R>) => Outcomes<Id, string, E, R>
  (options: AsBytes): <Id, E = never, R = never>(entries: Entries<Id, E, R>) => Outcomes<Id, Uint8Array, E, R>
  (options?: AsJson): <Id, E = never, R = never>(entries: Entries<Id, E, R>) => Outcomes<Id, Json, E, R>
  <Id, A, I, R2, E = never, R = never>(
    entries: Entries<Id, E, R>,
    options: OutcomesWithSchema<A, I, R2>
  ): Outcomes<Id, A, E, R | R2>
  <Id, A, E = never, R = never>(entries: Entries<Id, E, R>, options: WithParse<A>): Outcomes<Id, A, E, R>
  <Id, E = never, R = never>(entries: Entries<Id, E, R>, options: AsText): Outcomes<Id, string, E, R>
  <Id, E = never, R = never>(entries: Entries<Id, E, R>, options: AsBytes): Outcomes<Id, Uint8Array, E, R>
  <Id, E = never, R = never>(entries: Entries<Id, E, R>, options?: AsJson): Outcomes<Id, Json, E, R>
  <Given>(entries: OrPairs<Given>, options?: AsJson): Stream.Stream<never, never, FastGet>
} = entriesFirst((entries, { drain, parse, withHeaders = true, ...options }) => {
  const request = common(entries, options)
  return run({
    ...request,
    ...(drain === undefined ? undefined : { drain }),
    ...(parse === undefined ? undefined : { decode: ResultDecoder.ofParse(parse) }),
    withHeaders,
    emit: outcome
  })
})

/**
 * The JSON of one URL, with the same pool and policies. It does not log.
 *
 * @since 0.1.0
 * @category getting
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { FastGet } from "fastget"
 *
 * export const user = FastGet.get("https://api.example.com/users/1", {
 *   schema: Schema.Struct({ name: Schema.String })
 * })
 * ```
 */
export const get: {
  <A, I, R>(
    url: string | URL,
    options: WithSchema<A, I, R>
  ): Effect.Effect<A, FetchError<void> | PoolError, FastGet | R>
  (url: string | URL, options?: WithoutSchema): Effect.Effect<Json, FetchError<void> | PoolError, FastGet>
} = Effect.fn("FastGet.get")(function*(url: string | URL, options: AnyOptions = {}) {
  const wrong = CallOptions.wrong(options)
  if (wrong !== undefined) return yield* Effect.die(wrong)
  const results = yield* Stream.runCollect(run({
    ...common<void, never, never>([[undefined, url]], options),
    failFast: true,
    logged: false,
    emit: (_, __, result) => Either.getOrThrow(result)
  }))
  return Chunk.unsafeHead(results)
})

/**
 * What is known of the origins now, over all streams of the layer: which of
 * them are waited for, what rate they seem to bear, and which are down.
 *
 * @since 0.1.0
 * @category getting
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FastGet } from "fastget"
 *
 * export const program = Effect.gen(function*() {
 *   for (const { opensIn, origin, waiting } of yield* FastGet.traffic) {
 *     if (opensIn > 0) yield* Effect.log(`${waiting} entries wait for ${origin}, for ${opensIn} ms`)
 *   }
 * })
 * ```
 */
export const traffic: Effect.Effect<ReadonlyArray<FetchPool.OriginTraffic>, never, FastGet> = Effect.map(
  FastGet,
  (service) => service.traffic()
)

// ---------------------------------------------------------------------------
// What the four have in common. The signatures above say what goes in and out;
// below them the types of results are erased.
// ---------------------------------------------------------------------------

interface AnyOptions extends OutcomesOptions {
  readonly schema?: Schema.Schema<any, any, any>
  readonly parseOptions?: ParseOptions
  readonly as?: As
  readonly parse?: (text: string) => Either.Either<unknown, Reason>
}

/** Makes `f(entries, options)` and `f(options)(entries)` of one function. */
function entriesFirst(
  f: (entries: Entries<any, any, any>, options: AnyOptions) => Stream.Stream<any, any, any>
): (...args: ReadonlyArray<any>) => any {
  const checked = (entries: Entries<any, any, any>, options: AnyOptions) => {
    const wrong = CallOptions.wrong(options)
    return wrong === undefined ? f(entries, options) : Stream.die(wrong)
  }
  return (first, second) =>
    isEntries(first) ? checked(first, second ?? {}) : (entries: any) => checked(entries, first ?? {})
}

const run = <Id, A, B, E, R, R2>(request: Request<Id, A, B, E, R, R2>) =>
  Stream.unwrap(Effect.map(FastGet, (service) => service.run(request))).pipe(
    Stream.withSpan("FastGet.stream", { captureStackTrace: request.logged ? CallerLocation.make() : false })
  )

const common = <Id, E, R>(
  entries: Entries<Id, E, R>,
  { as = "json", parseOptions, schema, ...options }: AnyOptions
) => ({
  entries,
  options,
  as,
  withHeaders: false,
  failFast: false,
  logged: true,
  decode: ResultDecoder.make(as, schema, parseOptions)
})

const outcome = <Id, A>(
  id: Id,
  url: string,
  result: Either.Either<A, FetchError<Id>>,
  { attempts, bytes, elapsed, headers = noHeaders, status }: Answer
): Outcome<Id, A> => ({
  id,
  url,
  result,
  status: status === 0 ? undefined : status,
  headers,
  bytes,
  attempts,
  elapsed: Duration.millis(elapsed)
})

/** Shared by all outcomes without headers. */
const noHeaders: Outcome<unknown, unknown>["headers"] = Object.freeze({})
