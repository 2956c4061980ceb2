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
import * as BatchWriter from "./BatchWriter.js"
import type { BlackBox } from "./BlackBox.js"
import { CurrentBlackBox } from "./BlackBox.js"
import * as BodyDecoder from "./BodyDecoder.js"
import * as BufferedBytes from "./BufferedBytes.js"
import * as ChunkGet from "./ChunkGet.js"
import * as Entry from "./Entry.js"
import type { WireChunk } from "./EntryChunk.js"
import type * as HttpGet from "./HttpGet.js"
import type { Json } from "./Json.js"
import * as OriginGate from "./OriginGate.js"
import type { WireBatch } from "./Outcome.js"
import * as QuickGet from "./QuickGet.js"
import * as RetryBudget from "./RetryBudget.js"

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
  | { readonly _tag: "Hello"; readonly protocol: number }
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
  | { readonly _tag: "Hello"; readonly protocol: number }
  | { readonly _tag: "Batch"; readonly protocol: number; readonly batch: WireBatch }

/**
 * What a worker makes of the bodies it fetched as JSON.
 *
 * @since 0.1.0
 * @category models
 */
export type Options<A = Json> = BodyDecoder.Options<A>

/**
 * Serves this thread until its parent closes it. The requests are made with
 * `client`, or with the `HttpClient` of the environment: the program's own
 * client does not reach a worker, so auth, signing and middleware belong here.
 *
 * @since 0.1.0
 * @category running
 * @example
 * ```ts
 * import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
 * import { NodeRuntime, NodeWorkerRunner } from "@effect/platform-node"
 * import { Effect, Layer, Schema } from "effect"
 * import { FetchWorker } from "fastget"
 *
 * const client = Layer.effect(
 *   HttpClient.HttpClient,
 *   Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.bearerToken("secret")))
 * ).pipe(Layer.provide(FetchHttpClient.layer))
 *
 * FetchWorker.launch({ client, schema: Schema.Struct({ id: Schema.Number }) }).pipe(
 *   Effect.provide(NodeWorkerRunner.layer),
 *   NodeRuntime.runMain
 * )
 * ```
 */
export const launch: {
  <E, A = Json>(
    options: Options<A> & { readonly client: Layer.Layer<HttpClient.HttpClient, E> }
  ): Effect.Effect<void, E | WorkerError, WorkerRunner.PlatformRunner>
  <A = Json>(
    options?: Options<A> & { readonly client?: never }
  ): Effect.Effect<void, WorkerError, WorkerRunner.PlatformRunner | HttpClient.HttpClient>
} = <E, A>(
  options: Options<A> & { readonly client?: Layer.Layer<HttpClient.HttpClient, E> } = {}
): Effect.Effect<void, E | WorkerError, WorkerRunner.PlatformRunner> => {
  const serve = Layer.unwrapEffect(
    Effect.map(
      Effect.all([HttpClient.HttpClient, CurrentBlackBox]),
      ([client, box]) => layerRunner(make(client, options, box))
    )
  )
  // Where there is no client the second signature asks for one of the environment.
  const client = options.client ?? (Layer.context<HttpClient.HttpClient>() as Layer.Layer<HttpClient.HttpClient>)
  return WorkerRunner.launch(Layer.provide(serve, client))
}

const layerRunner = (run: ReturnType<typeof make>) =>
  WorkerRunner.layer<Request, never, never, Reply>(
    (request) =>
      request._tag === "Chunk" && request.protocol === protocol
        ? Stream.map(run(request.chunk, request.number), (batch): Reply => ({ _tag: "Batch", protocol, batch }))
        : Stream.succeed<Reply>({ _tag: "Hello", protocol }),
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
        run: BufferedBytes.join(chunk.run, chunk.buffered),
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
