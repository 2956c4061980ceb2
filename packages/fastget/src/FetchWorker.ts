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
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Stream from "effect/Stream"
import * as BatchWriter from "./BatchWriter.js"
import * as BodyDecoder from "./BodyDecoder.js"
import * as Entry from "./Entry.js"
import type { WireChunk } from "./EntryChunk.js"
import * as HttpGet from "./HttpGet.js"
import type { Json } from "./Json.js"
import * as OriginGate from "./OriginGate.js"
import type { Answer, WireBatch } from "./Outcome.js"
import * as Outcome from "./Outcome.js"
import * as QuickGet from "./QuickGet.js"

/**
 * The version of the messages between the library and its workers. It changes
 * with them, and a worker of another version is refused.
 *
 * @since 0.1.0
 * @category constants
 */
export const protocol = 1

/**
 * From the library to a worker.
 *
 * @since 0.1.0
 * @category wire
 */
export type Request =
  | { readonly _tag: "Hello"; readonly protocol: number }
  | { readonly _tag: "Chunk"; readonly protocol: number; readonly chunk: WireChunk }

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
  const serve = Layer.unwrapEffect(Effect.map(HttpClient.HttpClient, (client) => layerRunner(make(client, options))))
  // Where there is no client the second signature asks for one of the environment.
  const client = options.client ?? (Layer.context<HttpClient.HttpClient>() as Layer.Layer<HttpClient.HttpClient>)
  return WorkerRunner.launch(Layer.provide(serve, client))
}

const layerRunner = (run: ReturnType<typeof make>) =>
  WorkerRunner.layer<Request, never, never, Reply>(
    (request) =>
      request._tag === "Chunk" && request.protocol === protocol
        ? Stream.map(run(request.chunk), (batch): Reply => ({ _tag: "Batch", protocol, batch }))
        : Stream.succeed<Reply>({ _tag: "Hello", protocol }),
    {
      encodeOutput: (_, reply) =>
        reply._tag === "Batch"
          ? Effect.as(Transferable.addAll([reply.batch.buffer]), reply)
          : Effect.succeed(reply)
    }
  )

/**
 * The function that serves chunks with a client. Every entry of a chunk starts
 * as soon as its origin has a connection for it; the stream gives whatever is
 * complete, no later than 2 milliseconds after it is, and ends when every entry
 * has its outcome.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A = Json>(
  client: HttpClient.HttpClient,
  options: Options<A> = {}
): (chunk: WireChunk) => Stream.Stream<WireBatch> => {
  const gates = new Map<number, OriginGate.OriginGate>()
  const gateFor = (connections: number) => {
    let gate = gates.get(connections)
    if (gate === undefined) gates.set(connections, gate = OriginGate.make(connections))
    return gate
  }
  const finish = BodyDecoder.make(options)
  const parseUrl = Entry.makeParser()
  const quickGet = QuickGet.of(client)
  return (chunk) =>
    Stream.unwrapScoped(Effect.gen(function*() {
      const mailbox = yield* Mailbox.make<WireBatch>()
      const writer = BatchWriter.make(chunk.urls.length, (batch) => mailbox.unsafeOffer(batch))
      const context: HttpGet.Context = {
        client,
        keepsLimits: quickGet !== undefined,
        gate: gateFor(chunk.connections),
        run: chunk.run,
        as: chunk.as,
        withHeaders: chunk.withHeaders,
        settings: chunk.settings,
        finish
      }
      yield* getAll(chunk, context, parseUrl, quickGet, writer).pipe(
        Effect.provideService(QuickGet.ChunkLimits, chunk.settings),
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

/**
 * Gets all entries of a chunk, with no bound but the connections: an entry's
 * fiber (or its quick request) is made when its connection is free. To fork all
 * at once, as an unbounded `Effect.forEach` does, and let them wait gives the
 * same order at twice the cost.
 */
const getAll = (
  chunk: WireChunk,
  context: HttpGet.Context,
  parseUrl: ReturnType<typeof Entry.makeParser>,
  quickGet: QuickGet.QuickGet | undefined,
  writer: BatchWriter.BatchWriter
): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function*() {
    const runFork = yield* FiberSet.makeRuntime<never>()
    const quick = chunk.quick ? quickGet : undefined
    const headers = Object.entries(HttpGet.requestHeaders(chunk.settings.headers, undefined)).flat()
    yield* Effect.async<void>((resume) => {
      const lines = new Set<OriginGate.Ticket>()
      const exchanges = new Map<QuickGet.Exchange, string>()
      let unfinished = chunk.urls.length
      const answered = (index: number, answer: Answer) => {
        writer.add(index, answer)
        if (--unfinished === 0) resume(Effect.void)
      }
      const general = (index: number, get: Effect.Effect<Answer>, leave?: () => void) => {
        runFork(get).addObserver((exit) => {
          // Also for a fiber that was interrupted before it began.
          leave?.()
          answered(index, Exit.getOrElse(exit, brokenOff))
        })
      }
      const quickly = (get: QuickGet.QuickGet, index: number, target: Entry.Target) => {
        const startedAt = performance.now()
        const exchange = get(target.origin, target.path, headers, chunk.settings, (end) => {
          exchanges.delete(exchange)
          context.gate.leave(target.origin)
          if (isPlainSuccess(context, end)) answered(index, plainAnswer(context, end, startedAt))
          else general(index, HttpGet.resume(context, target, end, startedAt))
        })
        exchanges.set(exchange, target.origin)
      }
      const start = (index: number, target: Entry.Target) => {
        writer.started()
        if (quick !== undefined && target.authorization === undefined) return quickly(quick, index, target)
        const leave = once(() => context.gate.leave(target.origin))
        general(index, HttpGet.get(context, target, leave), leave)
      }
      chunk.urls.forEach((url, index) => {
        const target = parseUrl(url)
        if (target._tag === "Left") {
          writer.started()
          return answered(index, Outcome.unanswered(target.left))
        }
        let ticket: OriginGate.Ticket | undefined
        ticket = context.gate.enter(target.right.origin, context.run, () => {
          if (ticket !== undefined) lines.delete(ticket)
          start(index, target.right)
        })
        if (ticket !== undefined) lines.add(ticket)
      })
      return Effect.sync(() => {
        // The lines first: a place that is left must not go to an entry of this chunk.
        for (const ticket of lines) ticket.cancel()
        for (const [exchange, origin] of exchanges) {
          exchange.cancel()
          context.gate.leave(origin)
        }
      })
    })
  }))

/** Whether a quick request ended in a body that needs nothing more done to it here. */
const isPlainSuccess = (
  context: HttpGet.Context,
  end: QuickGet.Answered | QuickGet.Failed
): end is QuickGet.Answered =>
  end._tag === "Answered" && end.status >= 200 && end.status < 300 && end.body.length > 0 &&
  (context.finish === undefined || context.as !== "json")

/** For a client that interrupts its own fiber, and for whatever else nobody thought of: an entry is never left without an answer. */
const brokenOff = (cause: Cause.Cause<unknown>): Answer => {
  const detail = Cause.isInterrupted(cause) ? "the request was interrupted" : String(Cause.squash(cause)).slice(0, 200)
  return Outcome.unanswered({ _tag: "Transport", detail })
}

const once = (f: () => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    f()
  }
}

const plainAnswer = (context: HttpGet.Context, end: QuickGet.Answered, startedAt: number): Answer => ({
  result: { _tag: "Body", body: end.body },
  status: end.status,
  headers: context.withHeaders ? end.headers() : undefined,
  bytes: end.bytes,
  attempts: 1,
  elapsed: performance.now() - startedAt
})
