/**
 * Takes a few of many large bodies, slowly, and prints the most memory it ever
 * had, in bytes. Its arguments: the server's URL, maxBufferedBytes, how many
 * bodies to take and how many milliseconds to spend on each.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGet from "fastget/FastGet"

const [url, ...numbers] = process.argv.slice(2)
const [maxBufferedBytes, most, millis] = numbers.map(Number)

function* entries() {
  for (let n = 0; n < 2000; n++) yield [n, `${url}/${n}`]
}

const program = FastGet.stream(entries(), { maxBufferedBytes, logLevel: "None" }).pipe(
  Stream.take(most),
  Stream.tap(() => Effect.sleep(millis)),
  Stream.runCount,
  Effect.provide(NodeFastGet.layer({ numWorkers: 2 }))
)

Effect.runPromise(Effect.map(program, (taken) => ({ taken, rss: process.resourceUsage().maxRSS * 1024 }))).then((end) =>
  process.stdout.write(JSON.stringify(end))
)
