/**
 * Serves chunks with a client: a chunk comes in, batches of answers go out as
 * its entries complete. Chunks share the permits for connections, the budget of
 * retries and the parsed origins, whatever run they are of. The scope of a
 * chunk's stream owns its requests: who stops reading stops them.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Json } from "../../Json.js"
import type { BlackBox } from "../../platform/BlackBox.js"
import * as ConnectionControl from "../../platform/ConnectionControl.js"
import * as QuickGet from "../../platform/QuickGet.js"
import * as Target from "../../platform/Target.js"
import type { ChunkContext } from "../http/ChunkContext.js"
import * as HeadersByOrigin from "../http/HeadersByOrigin.js"
import * as RetryBudget from "../http/RetryBudget.js"
import { OriginGate } from "../origin/OriginGate.js"
import type { TrafficControl } from "../traffic/TrafficControl.js"
import type { WireBatch } from "../wire/Batch.js"
import type { WireChunk } from "../wire/Chunk.js"
import * as SharedBytes from "../wire/SharedBytes.js"
import * as BatchWriter from "./BatchWriter.js"
import * as BodyDecoder from "./BodyDecoder.js"
import * as ChunkGet from "./ChunkGet.js"
import { Departures } from "./Departures.js"
import * as WorkerTraffic from "./WorkerTraffic.js"

const requestInit = (context: Context.Context<never>): RequestInit =>
  Option.getOrElse(Context.getOption(context, FetchHttpClient.RequestInit), () => ({}))

/**
 * The function that serves chunks. `number` tells a chunk from the others in the
 * black box, if there is one. `traffic` is asked for when the first chunk comes.
 */
export const make = <A = Json>(
  client: HttpClient.HttpClient,
  options: BodyDecoder.Options<A> = {},
  box?: BlackBox,
  traffic: () => TrafficControl = WorkerTraffic.alone
): (chunk: WireChunk, number?: number) => Stream.Stream<WireBatch> => {
  let made: OriginGate | undefined
  // A worker is told the limits of its layer after this, and before its first chunk.
  const gate = () => made ??= new OriginGate({ traffic: traffic(), control: ConnectionControl.of(client) })
  const decodeBody = BodyDecoder.make(options, box)
  const parseUrl = Target.makeParser()
  const budget = RetryBudget.make()
  const quickGet = QuickGet.of(client)
  const departures = new Departures()
  return (chunk, number = 1) =>
    Stream.unwrapScoped(Effect.gen(function*() {
      const mailbox = yield* Mailbox.make<WireBatch>()
      const writer = BatchWriter.make(chunk.urls.length, departures, (batch) => mailbox.unsafeOffer(batch))
      const { deadline, decodeTimeout, maxBodyBytes, timeout } = chunk.settings
      const context: ChunkContext = {
        client,
        limits: { timeout, deadline, maxBodyBytes, kept: false },
        keepsLimits: quickGet !== undefined,
        gate: gate(),
        budget,
        bytes: SharedBytes.join(chunk.runId, chunk.buffered, chunk.rate),
        waitingFibers: new Set(),
        as: chunk.as,
        withHeaders: chunk.withHeaders,
        settings: chunk.settings,
        headersFor: HeadersByOrigin.make(chunk.settings),
        decodeBody: decodeBody?.({ number, decodeTimeout })
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
