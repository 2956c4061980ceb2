/**
 * Fetches from many origins, whose URLs are its arguments, with the default
 * limits, and prints how it went. To be run with a low limit of open files.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"

const urls = process.argv.slice(2)
const entries = urls.flatMap((url) => Array.from({ length: 20 }, (_, n) => [`${url}/${n}`, `${url}/${n}`]))

const program = FastGet.streamEither(entries, { logLevel: "None" }).pipe(
  Stream.map(([, result]) => Either.isRight(result) ? "ok" : JSON.stringify(result.left.reason)),
  Stream.runFold({}, (counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 })),
  Effect.provide(NodeFastGet.layer({ numWorkers: 2 }))
)

Effect.runPromise(program).then((counts) => process.stdout.write(`${JSON.stringify(counts)}\n`))
