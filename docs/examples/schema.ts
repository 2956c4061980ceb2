/**
 * Results typed by a Schema, and each entry's own error: a run over an API that
 * does not have every user, and has one that is not as it should be.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Either, Match, Schema, Stream } from "effect"
import { FastGet, type FetchError } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"

const User = Schema.Struct({ name: Schema.String, born: Schema.DateFromString })

const users: Record<string, unknown> = {
  "/ada": { name: "Ada", born: "1815-12-10" },
  "/grace": { name: "Grace", born: "1906-12-09" },
  "/bob": { name: "Bob", born: null }
}

// `error.reason` is a tagged union: match on it, the compiler knows every case.
const explain = (error: FetchError.FetchError<string>) =>
  Match.value(error.reason).pipe(
    Match.tag("Status", ({ status }) => `the server answered ${status}`),
    Match.tag("Decode", ({ where }) => `not a user, ${where}`),
    Match.orElse(() => error.message)
  )

const main = Effect.gen(function*() {
  const server = yield* LoopbackServer.make((request, response) => {
    const user = users[request.url ?? ""]
    response.writeHead(user === undefined ? 404 : 200).end(JSON.stringify(user ?? "not found"))
  })
  const names = ["ada", "bob", "carol", "grace"]

  const lines = yield* Stream.fromIterable(names).pipe(
    Stream.map((name) => [name, `${server.url}/${name}`] as const),
    // Exactly one Either for each entry: a failure does not stop the others.
    FastGet.streamEither({ schema: User }),
    Stream.map(([id, result]) =>
      Either.match(result, {
        onLeft: (error) => `${id}: ${explain(error)}`,
        onRight: ({ born, name }) => `${id}: ${name}, born in ${born.getUTCFullYear()}`
      })
    ),
    Stream.runCollect
  )

  for (const line of [...lines].sort()) yield* Console.log(line)
})

main.pipe(
  Effect.provide(NodeFastGet.layer({ logLevel: "None" })),
  Effect.scoped,
  NodeRuntime.runMain
)
