/**
 * Asks a client which options it keeps, through whatever wraps it. A request is
 * made that is never sent: FastGet's own client finds the question in the
 * request's context and answers it, and so is `fetch` known without being
 * called. Any other client finds a URL that no client can fetch.
 *
 * A layer that has to know asks so before its threads get entries; one that asks
 * nothing of the client makes no such request.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

/**
 * Options as a client keeps them, by name, as plain data.
 *
 * @since 0.1.0
 * @category models
 */
export type KeptOptions = Readonly<Record<string, unknown>>

/**
 * In the context of the request that asks: who finds it answers, and sends
 * nothing.
 *
 * @since 0.1.0
 * @category tags
 */
export class Question extends Context.Tag("fastget/KeptOptions/Question")<
  Question,
  { readonly answer: (kept: KeptOptions) => void }
>() {}

/**
 * What is known of a client: whether it is, or wraps, FastGet's own or `fetch`,
 * and the options it keeps. Of any other nothing is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly by: "FastGet" | "fetch" | undefined
  readonly kept: KeptOptions
}

/** No client knows this scheme, and no URL of a user has it. */
const nowhere = "fastget:options"

/**
 * What a client is and keeps; nothing where it does not answer within `limit`
 * milliseconds. What wraps the client is run as for any request, and its
 * failures don't count.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ask = (client: HttpClient.HttpClient, limit: number): Effect.Effect<Answer> =>
  Effect.gen(function*() {
    const answered = yield* Deferred.make<void>()
    let answer: Answer = { by: undefined, kept: {} }
    const end = (known: Answer) => {
      answer = known
      Deferred.unsafeDone(answered, Effect.void)
    }
    const fetch = () => {
      end({ by: "fetch", kept: {} })
      return Promise.resolve(new Response(null, { status: 204 }))
    }
    const asking = client.execute(HttpClientRequest.get(nowhere)).pipe(
      Effect.provideService(Question, { answer: (kept) => end({ by: "FastGet", kept }) }),
      Effect.provideService(FetchHttpClient.Fetch, fetch),
      // As all requests of a worker are made.
      Effect.withTracerEnabled(false),
      Effect.exit,
      Effect.asVoid
    )
    yield* Effect.raceFirst(Deferred.await(answered), Effect.disconnect(asking)).pipe(Effect.timeoutOption(limit))
    return answer
  })
