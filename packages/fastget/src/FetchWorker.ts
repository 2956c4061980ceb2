/**
 * What runs in a worker: chunks come in, batches of outcomes go out as their
 * entries complete. `launch` serves a thread, `make` the same within the
 * program. A chunk's requests live in the scope of its stream: who stops
 * reading stops them.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Transferable from "@effect/platform/Transferable"
import type { WorkerError } from "@effect/platform/WorkerError"
import * as WorkerRunner from "@effect/platform/WorkerRunner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { WireBatch } from "./internal/wire/Batch.js"
import type { WireChunk } from "./internal/wire/Chunk.js"
import * as Protocol from "./internal/wire/Protocol.js"
import type { WireTraffic } from "./internal/wire/Traffic.js"
import type * as BodyDecoder from "./internal/worker/BodyDecoder.js"
import * as ChunkService from "./internal/worker/ChunkService.js"
import * as WorkerOptions from "./internal/worker/WorkerOptions.js"
import * as WorkerTraffic from "./internal/worker/WorkerTraffic.js"
import type { Json } from "./Json.js"
import type { BlackBox } from "./platform/BlackBox.js"
import { CurrentBlackBox } from "./platform/BlackBox.js"
import * as KeptOptions from "./platform/KeptOptions.js"
import { Told } from "./platform/Told.js"

/**
 * The version of the messages between the library and its workers, what the
 * library sends and what a worker replies. A worker of another version is
 * refused.
 *
 * @since 0.1.0
 * @category wire
 */
export { protocol, type Reply, type Request } from "./internal/wire/Protocol.js"

/**
 * What a worker is told of the limits of its layer, and the memory in which its
 * threads count by them.
 *
 * @since 0.1.0
 * @category wire
 */
export type Traffic = WireTraffic

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
 * addresses, or says anything else to its client, does not start. An option that
 * does not exist, or is not of its kind, is a defect, an `InvalidOption`.
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
  const wrong = WorkerOptions.wrong(options)
  if (wrong !== undefined) return Effect.die(wrong)
  const serve = Layer.unwrapEffect(
    Effect.map(
      Effect.all([HttpClient.HttpClient, CurrentBlackBox, Told]),
      ([client, box, told]) => {
        let traffic: WireTraffic | undefined
        const controlled = () => traffic === undefined ? WorkerTraffic.alone() : WorkerTraffic.ofThread(traffic)
        return layerRunner(ChunkService.make(client, options, box, controlled), ({ asks = false, ...hello }) => {
          traffic = hello.traffic
          return Effect.map(
            asks ? KeptOptions.ask(client, askWithin) : Effect.succeed(undefined),
            (answer) =>
              Protocol.hello({
                ...(told === undefined ? undefined : { told }),
                ...(answer === undefined ? undefined : { kept: answer.kept }),
                ...(options.keeps === undefined ? undefined : { keeps: options.keeps })
              })
          )
        })
      }
    )
  )
  // Where there is no client the second signature asks for one of the environment.
  const client = options.client ?? (Layer.context<HttpClient.HttpClient>() as Layer.Layer<HttpClient.HttpClient>)
  return WorkerRunner.launch(Layer.provide(serve, client))
}

/** How long, in milliseconds, a client may take to say which options it keeps: it may have to get a token first. */
const askWithin = 5000

const layerRunner = (
  serve: ReturnType<typeof make>,
  greet: (hello: Partial<Protocol.Hello>) => Effect.Effect<Protocol.Reply>
) =>
  WorkerRunner.layer<Protocol.Request, never, never, Protocol.Reply>(
    (request) => {
      const work = Protocol.chunkOf(request)
      if (work !== undefined) return Stream.map(serve(work.chunk, work.number), Protocol.batchReply)
      return Stream.fromEffect(greet(request._tag === "Hello" ? request : {}))
    },
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

/**
 * The function that serves chunks with a client. Every entry of a chunk starts
 * as soon as its origin has a connection for it; the stream gives whatever is
 * complete, no later than 16 milliseconds after it is, and ends when every entry
 * has its outcome, or has none because its run was drained. `number` tells the
 * chunk from the others of this function in the black box, if there is one. The
 * limits are those of a layer without options.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: <A = Json>(
  client: HttpClient.HttpClient,
  options?: Options<A>,
  box?: BlackBox
) => (chunk: WireChunk, number?: number) => Stream.Stream<WireBatch> = (client, options, box) =>
  ChunkService.make(client, options, box)
