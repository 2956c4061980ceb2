/**
 * `npm run demo:cluster`: a Postgres, three runner processes and a client on this
 * machine. 10,000 entries over 50 servers are fetched, and one runner is killed
 * by SIGKILL in the middle. It counts what came back and what the runners were.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { ClusterFastGet, PostgresCluster } from "fastget-cluster"
import { LoopbackServer, Postgres } from "loopback"
import * as RunnerProcess from "./RunnerProcess.js"

const entryCount = 10_000
const originCount = 50
const runnerCount = 3

/** How long, in milliseconds, a server takes: so that there is a middle in which a runner can be killed. */
const answerAfter = 20

const server = LoopbackServer.make((request, response) => {
  const text = JSON.stringify({ path: request.url })
  setTimeout(() => response.end(text), answerAfter)
})

const main = Effect.gen(function*() {
  const problem = Postgres.problem()
  if (problem !== undefined) {
    yield* Console.error(`The demo of a cluster needs a Postgres that it can start. ${problem}`)
    process.exitCode = 1
    return
  }
  const { url } = yield* Postgres.make
  const servers = yield* Effect.replicateEffect(server, originCount)
  const runners = yield* Effect.forEach(Array.from({ length: runnerCount }), () => RunnerProcess.start(url), {
    concurrency: "unbounded"
  })
  yield* Console.log(`${runners.length} runners have joined: ${runners.map(({ address }) => address).join(", ")}`)

  const times = new Map<number, number>()
  let isKilled = false
  const killOne = Effect.suspend(() => {
    if (isKilled || times.size < entryCount / 2) return Effect.void
    isKilled = true
    return Effect.zipRight(
      Console.log(`${times.size} are fetched: the runner at ${runners[1]!.address} is killed`),
      Effect.sync(runners[1]!.kill)
    )
  })
  const entries = Array.from({ length: entryCount }, (_, n) => [n, `${servers[n % originCount]!.url}/${n}`] as const)
  yield* FastGet.streamEither(entries, { queueMaxSize: 2000, logLevel: "None" }).pipe(
    Stream.runForEach(([id, result]) =>
      Either.match(result, {
        onLeft: (error) => Console.error(error.message),
        onRight: () => Effect.zipRight(Effect.sync(() => times.set(id, (times.get(id) ?? 0) + 1)), killOne)
      })
    ),
    Effect.provide(Layer.provide(ClusterFastGet.layer(), PostgresCluster.layerClient({ url })))
  )

  const lost = entryCount - times.size
  const twice = [...times.values()].filter((count) => count > 1).length
  const killed = runners.filter(({ isKilled }) => isKilled()).length
  yield* Console.log(
    `fetched ${times.size} of ${entryCount} on ${runners.length} runners, ${killed} killed: lost ${lost}, twice ${twice}`
  )
  if (lost + twice > 0 || killed !== 1) process.exitCode = 1
}).pipe(Effect.scoped)

NodeRuntime.runMain(main)
