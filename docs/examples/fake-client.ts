/**
 * A program that knows nothing of workers or HTTP: it asks for the `FastGet`
 * service. `fake-client.test.ts` gives it one that answers by URL.
 */
import { Effect, Schema, Stream } from "effect"
import { FastGet, FetchError } from "fastget"

const Repository = Schema.Struct({ stars: Schema.Number })

/** The stars of all repositories; one that does not exist has none. */
export const countStars = (names: Iterable<string>) =>
  Stream.fromIterable(names).pipe(
    Stream.map((name) => [name, `https://api.example.com/repos/${name}`] as const),
    FastGet.streamEither({ schema: Repository }),
    Stream.mapEffect(([, result]) =>
      // An Either is an Effect, too: its errors are caught as those of any other.
      Effect.map(result, ({ stars }) => stars).pipe(
        FetchError.catchReason(
          "Status",
          (error) => error.reason.status === 404 ? Effect.succeed(0) : Effect.fail(error)
        )
      )
    ),
    Stream.runSum
  )
