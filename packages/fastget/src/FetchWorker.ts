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
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { WireChunk } from "./EntryChunk.js"
import type { Decode, Reason } from "./FetchError.js"
import * as HttpGet from "./HttpGet.js"
import * as Json from "./Json.js"
import * as OriginGate from "./OriginGate.js"
import type { Answer, AnswerResult, WireBatch } from "./Outcome.js"
import * as Outcome from "./Outcome.js"
import * as SchemaIssues from "./SchemaIssues.js"

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
 * What a worker makes of the bodies it fetched as JSON. `schema` decodes the
 * JSON and sends its encoded form on, so that the same schema on the other side
 * types it. `decode` then makes any value a thread can be sent (or an Effect of
 * one) of what the schema gave, or of the JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<A = Json.Json> {
  readonly schema?: Schema.Schema<A, any, never> | undefined
  readonly decode?: ((value: A, response: HttpGet.Answered) => unknown) | undefined
}

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
  <E, A = Json.Json>(
    options: Options<A> & { readonly client: Layer.Layer<HttpClient.HttpClient, E> }
  ): Effect.Effect<void, E | WorkerError, WorkerRunner.PlatformRunner>
  <A = Json.Json>(
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
 * The function that serves chunks with a client. All entries of a chunk start
 * at once and wait for their origin's connections; the stream gives whatever is
 * complete, no later than 2 milliseconds after it is, and ends when every entry
 * has its outcome.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A = Json.Json>(
  client: HttpClient.HttpClient,
  options: Options<A> = {}
): (chunk: WireChunk) => Stream.Stream<WireBatch> => {
  const gates = new Map<number, OriginGate.OriginGate>()
  const gateFor = (connections: number) => {
    let gate = gates.get(connections)
    if (gate === undefined) gates.set(connections, gate = OriginGate.make(connections))
    return gate
  }
  const finish = makeFinish(options)
  return (chunk) =>
    Stream.unwrapScoped(Effect.gen(function*() {
      const mailbox = yield* Mailbox.make<WireBatch>()
      const writer = makeWriter(chunk.urls.length, (batch) => mailbox.unsafeOffer(batch))
      yield* Effect.addFinalizer(() => Effect.sync(writer.close))
      const context: HttpGet.Context = {
        client,
        gate: gateFor(chunk.connections),
        run: chunk.run,
        as: chunk.as,
        withHeaders: chunk.withHeaders,
        settings: chunk.settings,
        onStart: writer.started,
        finish
      }
      yield* Effect.forEach(
        chunk.urls,
        (url, index) => Effect.map(HttpGet.get(context, url), (answer) => writer.add(index, answer)),
        { concurrency: "unbounded", discard: true }
      ).pipe(
        // A span and its headers for each request cost more than the request, and tell third parties about us.
        Effect.withTracerEnabled(false),
        Effect.onExit((exit) => {
          writer.flush()
          return mailbox.done(Exit.asVoid(exit))
        }),
        Effect.forkScoped
      )
      return Mailbox.toStream(mailbox)
    }))
}

/** How long, in milliseconds, a complete outcome waits for others to go with it. */
const batchWithin = 2

/** A batch that is this large, in bytes, leaves at once. */
const batchBytes = 1024 * 1024

/** Collects answers into batches, by a timer of its own: an Effect.sleep costs a fiber for each. */
const makeWriter = (entries: number, send: (batch: WireBatch) => void) => {
  let answers: Array<readonly [index: number, answer: Answer]> = []
  let bytes = 0
  let waiting = entries
  let unfinished = entries
  let timer: ReturnType<typeof setTimeout> | undefined
  const close = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const flush = () => {
    close()
    if (answers.length === 0 && waiting > 0) return
    const batch = Outcome.pack(answers, waiting)
    answers = []
    bytes = 0
    send(batch)
  }
  const flushSoon = () => {
    timer ??= setTimeout(flush, batchWithin)
  }
  return {
    close,
    flush,
    /** An entry has got its connection. When all have, the library is told: it may send more. */
    started: () => {
      if (--waiting === 0) flushSoon()
    },
    add: (index: number, answer: Answer) => {
      answers.push([index, answer])
      bytes += answer.bytes
      if (--unfinished === 0 || bytes > batchBytes) flush()
      else flushSoon()
    }
  }
}

const failure = (reason: Reason): AnswerResult => ({ _tag: "Failure", reason })

const decodeFailure = (problem: Decode["problem"], where: string): AnswerResult =>
  failure({ _tag: "Decode", problem, where })

/** What becomes of a JSON body, if anything: the schema's encoded form, or the value of `decode`. */
const makeFinish = <A>({ decode, schema }: Options<A>): HttpGet.Context["finish"] => {
  if (schema === undefined && decode === undefined) return undefined
  const parse = schema === undefined ? undefined : ParseResult.decodeUnknown(schema)
  const encode = schema === undefined ? undefined : ParseResult.encode(schema)
  return (body, response) => {
    const json = Json.decode(body)
    if (json._tag === "Left") return Effect.succeed(failure(json.left))
    // Without a schema A is Json.
    const value = parse === undefined ? Effect.succeed(json.right as A) : parse(json.right)
    const result = decode !== undefined
      ? Effect.flatMap(value, (value) => runDecode(decode, value, response))
      : Effect.map(Effect.flatMap(value, encode!), toBody)
    return result.pipe(
      Effect.catchAll((issue) => Effect.succeed(failure(SchemaIssues.toReason(issue)))),
      Effect.catchAllCause((cause) =>
        Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : Effect.succeed(decodeFailure("thrown", "schema"))
      )
    )
  }
}

const toBody = (value: unknown): AnswerResult => ({
  _tag: "Body",
  body: new TextEncoder().encode(JSON.stringify(value) ?? "null")
})

const runDecode = <A>(
  decode: NonNullable<Options<A>["decode"]>,
  value: A,
  response: HttpGet.Answered
): Effect.Effect<AnswerResult> =>
  Effect.suspend(() => {
    const result = decode(value, response)
    return Effect.isEffect(result) ? result as Effect.Effect<unknown, unknown> : Effect.succeed(result)
  }).pipe(
    Effect.matchCauseEffect({
      onFailure: (cause) =>
        Cause.isInterruptedOnly(cause)
          ? Effect.interrupt
          : Effect.succeed(decodeFailure("thrown", errorName(Cause.squash(cause)))),
      onSuccess: (value) =>
        Effect.sync(() => isCloneable(value) ? { _tag: "Value", value } : decodeFailure("notCloneable", "decode"))
    })
  )

// The name only: a message may repeat what the body held.
const errorName = (error: unknown): string => error instanceof Error ? `decode threw ${error.name}` : "decode failed"

/** Whether a value can be sent to another thread; asked here, because there it would take its whole batch along. */
const isCloneable = (value: unknown): boolean => {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
