/**
 * Gets 2,000 entries, with the connections of the default or with many, and
 * tells how often each outcome was. For a process of few descriptors.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as NodeGetClient from "fastget-node/NodeGetClient"
import * as FastGet from "fastget/FastGet"

const [url, mode] = process.argv.slice(2)

const entries = Array.from({ length: 2000 }, (_, n) => [n, `${url}/${n}`])
const options = { logLevel: "None", retry: { times: 0 } }

const layer = mode === "default"
  ? NodeFastGet.layer({ ...options, numWorkers: 2 })
  : Layer.provide(
    FastGet.layer({ ...options, connectionsPerOrigin: 1000 }),
    NodeGetClient.layer({ connections: 1000 })
  )

const program = Stream.runFold(FastGet.streamEither(entries), {}, (counts, [, result]) => {
  const outcome = result._tag === "Left" ? result.left.reason._tag : "success"
  counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
})

Effect.runPromise(Effect.provide(program, layer)).then((counts) => process.stdout.write(JSON.stringify(counts)))
