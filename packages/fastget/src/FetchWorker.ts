/**
 * What runs in a worker: chunks come in, batches of outcomes go out as their
 * entries complete. `launch` serves a thread, `make` the same within the
 * program. A chunk's requests live in the scope of its stream: who stops
 * reading stops them.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Transferable from "@effect/platform/Transferable"
import type { WorkerError } from "@effect/platform/WorkerError"
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Entry from "./Entry.js"
import type * as HttpGet from "./internal/http/HttpGet.js"
import * as RetryBudget from "./internal/http/RetryBudget.js"
import * as OriginGate from "./internal/origin/OriginGate.js"
import type { WireChunk } from "./internal/wire/Chunk.js"
import * as SharedBytes from "./internal/wire/SharedBytes.js"
import * as BatchWriter from "./internal/worker/BatchWriter.js"
import * as BodyDecoder from "./internal/worker/BodyDecoder.js"
import * as ChunkGet from "./internal/worker/ChunkGet.js"
import type { Json } from "./Json.js"
import type { WireBatch } from "./Outcome.js"
import type { BlackBox } from "./platform/BlackBox.js"
import { CurrentBlackBox } from "./platform/BlackBox.js"
import * as KeptOptions from "./platform/KeptOptions.js"
import * as QuickGet from "./platform/QuickGet.js"
import { Told } from "./platform/Told.js"

/**
 * The version of the messages between the library and its workers. It changes
 * with them, and a worker of another version is refused.
 *
 * @since 0.1.0
 * @category constants
 */
export const protocol = 7

/**
 * From the library to a worker.
 *
 * @since 0.1.0
 * @category wire
 */
export type Request =
  | {
    readonly _tag: "Hello"
    readonly protocol: number
    /** Whether to say which of the layer's options the worker's client keeps. */
    readonly asks?: boolean
  }
  | {
    readonly _tag: "Chunk"
    readonly protocol: number
    /** Counts a worker's chunks, from 1. */
    readonly number: number
    readonly chunk: WireChunk
  }

/**
 * From a worker to the library. `Hello` answers `Hello`, and anything of
 * another protocol.
 *
 * @since 0.1.0
 * @category wire
 */
export type Reply =
  | {
    readonly _tag: "Hello"
    readonly protocol: number
    /** What the layer that started the worker told it to say; missing where the worker can't know. */
    readonly told?: string
    /** Where it is asked: the options that its client keeps, as it keeps them. */
    readonly kept?: KeptOptions.KeptOptions
    /** Names of options that the worker says it keeps in a way of its own. */
    readonly keeps?: ReadonlyArray<string>
  }
  | { readonly _tag: "Batch"; readonly protocol: number; readonly batch: WireBatch }

/**
 * What a worker makes of the bodies it fetched as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export type Options<A = Json> = BodyDecoder.Options<A>

/**
 * Where a worker's requests are made: a client of its own, and the names of the
 * layer's options that this client keeps in a way of its own, such as
 * `denyPrivate` or `client.tls`. FastGet's client, wrapped or not, says by
 * itself what it keeps. A layer with an option that nobody keeps does not start.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientOptions<E> {
  readonly client: Layer.Layer<HttpClient.HttpClient, E>
  readonly keeps?: ReadonlyArray<string>
}

/**
 * Serves this thread until its parent closes it. The requests are made with
 * `client`, or with the `HttpClient` of the environment: the program's own
 * client does not reach a worker, so auth, signing and middleware belong here.
 *
 * On Node give what it returns to `NodeFetchWorker.runMain`, which gets the
 * thread what its layer says, too: without it a layer that denies private
 * addresses, or says anything else to its client, does not start.
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { HttpClient, HttpClientRequest } from "@effect/platform"
 * import { Effect, Layer, Schema } from "effect"
 * import { FetchWorker } from "fastget"
 * import { NodeFetchWorker, NodeGetClient } from "fastget-node"
 *
 * const client = Layer.scoped(
 *   HttpClient.HttpClient,
 *   Effect.map(
 *     NodeGetClient.make(NodeFetchWorker.clientOptions()),
 *     HttpClient.mapRequest(HttpClientRequest.bearerToken("secret"))
 *   )
 * )
 *
 * NodeFetchWorker.runMain(FetchWorker.launch({ client, schema: Schema.Struct({ id: Schema.Number }) }))
 * ```
 */
export const launch: {
  <E, A = Json>(
    options: Options<A> & ClientOptions<E>
  ): Effect.Effect<void, E | WorkerError, WorkerRunner.PlatformRunner>
  <A = Json>(
    options?: Options<A> & { readonly client?: never; readonly keeps?: ReadonlyArray<string> }
  ): Effect.Effect<void, WorkerError, WorkerRunner.PlatformRunner | HttpClient.HttpClient>
} = <E, A>(
  options: Options<A> & Partial<ClientOptions<E>> = {}
): Effect.Effect<void, E | WorkerError, WorkerRunner.PlatformRunner> => {
  const serve = Layer.unwrapEffect(
    Effect.map(
      Effect.all([HttpClient.HttpClient, CurrentBlackBox, Told]),
      ([client, box, told]) =>
        layerRunner(
          make(client, options, box),
          ({ asks = false }) =>
            Effect.map(asks ? KeptOptions.ask(client, askWithin) : Effect.succeed(undefined), (answer): Reply => ({
              _tag: "Hello",
              protocol,
              ...(told === undefined ? undefined : { told }),
              ...(answer === undefined ? undefined : { kept: answer.kept }),
              ...(options.keeps === undefined ? undefined : { keeps: options.keeps })
            }))
        )
    )
  )
  // Where there is no client the second signature asks for one of the environment.
  const client = options.client ?? (Layer.context<HttpClient.HttpClient>() as Layer.Layer<HttpClient.HttpClient>)
  return WorkerRunner.launch(Layer.provide(serve, client))
}

/** How long, in milliseconds, a client may take to say which options it keeps: it may have to get a token first. */
const askWithin = 5000

const layerRunner = (
  run: ReturnType<typeof make>,
  greet: (hello: { readonly asks?: boolean }) => Effect.Effect<Reply>
) =>
  WorkerRunner.layer<Request, never, never, Reply>(
    (request) =>
      request._tag === "Chunk" && request.protocol === protocol
        ? Stream.map(run(request.chunk, request.number), (batch): Reply => ({ _tag: "Batch", protocol, batch }))
        : Stream.fromEffect(greet(request._tag === "Hello" ? request : {})),
    {
      encodeOutput: (_, reply) =>
        reply._tag === "Batch"
          ? Effect.as(
            Transferable.addAll([reply.batch.buffer, ...reply.batch.large]),
            { ...reply, batch: { ...reply.batch, moved: true as const } }
          )
          : Effect.succeed(reply)
    }
  )

const requestInit = (context: Context.Context<never>): RequestInit =>
  Option.getOrElse(Context.getOption(context, FetchHttpClient.RequestInit), () => ({}))

/**
 * The function that serves chunks with a client. Every entry of a chunk starts
 * as soon as its origin has a connection for it; the stream gives whatever is
 * complete, no later than 4 milliseconds after it is, and ends when every entry
 * has its outcome, or has none because its run was drained. `number` tells the chunk from the others of this function in
 * the black box, if there is one.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A = Json>(
  client: HttpClient.HttpClient,
  options: Options<A> = {},
  box?: BlackBox
): (chunk: WireChunk, number?: number) => Stream.Stream<WireBatch> => {
  const gates = new Map<number, OriginGate.OriginGate>()
  // A worker serves one layer, whose streams have the same shares.
  const gateFor = ({ connections, connectionsInAll }: WireChunk) => {
    let gate = gates.get(connections)
    if (gate === undefined) gates.set(connections, gate = OriginGate.make(connections, connectionsInAll))
    return gate
  }
  const finish = BodyDecoder.make(options, box)
  const parseUrl = Entry.makeParser()
  const budget = RetryBudget.make()
  const quickGet = QuickGet.of(client)
  return (chunk, number = 1) =>
    Stream.unwrapScoped(Effect.gen(function*() {
      const mailbox = yield* Mailbox.make<WireBatch>()
      const writer = BatchWriter.make(chunk.urls.length, (batch) => mailbox.unsafeOffer(batch))
      const { deadline, decodeTimeout, maxBodyBytes, timeout } = chunk.settings
      const context: HttpGet.Context = {
        client,
        limits: { timeout, deadline, maxBodyBytes, kept: false },
        keepsLimits: quickGet !== undefined,
        gate: gateFor(chunk),
        budget,
        run: SharedBytes.join(chunk.run, chunk.buffered),
        waiting: new Set(),
        as: chunk.as,
        withHeaders: chunk.withHeaders,
        settings: chunk.settings,
        finish: finish?.({ number, decodeTimeout })
      }
      yield* ChunkGet.getAll(chunk, context, parseUrl, chunk.quick ? quickGet : undefined, writer).pipe(
        Effect.provideService(QuickGet.ChunkLimits, context.limits),
        // fetch would follow redirects by itself, and take the caller's headers along to other origins.
        Effect.mapInputContext((outer: Context.Context<never>) =>
          Context.add(outer, FetchHttpClient.RequestInit, { redirect: "manual", ...requestInit(outer) })
        ),
        // A span and its headers for each request cost more than the request, and tell third parties about us.
        Effect.withTracerEnabled(false),
        Effect.onExit((exit) => {
          writer.close()
          return mailbox.done(exit)
        }),
        Effect.forkScoped
      )
      return Mailbox.toStream(mailbox)
    }))
}
