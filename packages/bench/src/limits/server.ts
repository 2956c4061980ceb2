/** The program that has the servers of a row. It says what they counted whenever it is asked, and ends when the benchmark does. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { DeadPort, Limit, LimitingServer, LoopbackServer } from "loopback"
import type { Counted, Limited, Model } from "./Task.js"

const limitOf = ({ capacity, counts, perSecond }: Limited): Limit.Limit =>
  counts === "bucket"
    ? Limit.bucket(perSecond, capacity ?? perSecond)
    : counts === "fixed"
    ? Limit.fixedWindow(perSecond)
    : Limit.slidingWindow(perSecond)

/** Counts in tenths of a second, from the first on. */
const makeTimeline = () => {
  const timeline: Array<[number, number]> = []
  let startedAt: number | undefined
  return {
    timeline,
    count: (isAdmitted: boolean): boolean => {
      const isFirst = startedAt === undefined
      startedAt ??= performance.now()
      const at = Math.floor((performance.now() - startedAt) / 100)
      while (timeline.length <= at) timeline.push([0, 0])
      timeline[at]![0]++
      if (isAdmitted) timeline[at]![1]++
      return isFirst
    }
  }
}

const limited = (model: Limited) =>
  Effect.suspend(() => {
    const limit = limitOf(model)
    const { count, timeline } = makeTimeline()
    const { change, refuses } = model
    return Effect.map(
      LimitingServer.make({
        limit,
        tells: model.tells,
        ...(model.status === undefined ? {} : { status: model.status }),
        ...(refuses === undefined ? {} : { refuses: (path: string) => path.endsWith(refuses) }),
        onRequest: (isAdmitted) => {
          if (count(isAdmitted) && change !== undefined) setTimeout(() => limit.change(change.perSecond), change.after)
        }
      }),
      (server) => () => counted(server, server.admitted(), [], timeline)
    )
  })

const knee = (options: { readonly knee: number; readonly latency: number }) =>
  Effect.suspend(() => {
    const took: Array<number> = []
    return Effect.map(
      LimitingServer.knee({ ...options, onAnswer: (millis) => took.push(millis) }),
      (server) => () => counted(server, server.requests(), took, [])
    )
  })

const counted = (
  server: LoopbackServer.LoopbackServer,
  admitted: number,
  took: ReadonlyArray<number>,
  timeline: Counted["timeline"]
): Counted => ({
  url: server.url,
  requests: server.requests(),
  admitted,
  mostSockets: server.mostSockets(),
  p99: [...took].sort((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? 0,
  timeline
})

const dead = (port: number) => (): Counted => ({
  url: `http://127.0.0.1:${port}`,
  requests: 0,
  admitted: 0,
  mostSockets: 0,
  p99: 0,
  timeline: []
})

const serve = (model: Model): Effect.Effect<() => Counted, never, Scope.Scope> => {
  switch (model.kind) {
    case "plain": {
      const { latency } = model
      const handler: LoopbackServer.Handler = latency === undefined
        ? LoopbackServer.echoPath
        : (request, response) => void setTimeout(() => LoopbackServer.echoPath(request, response), latency)
      return Effect.map(LoopbackServer.make(handler), (server) => () => counted(server, server.requests(), [], []))
    }
    case "limit":
      return limited(model)
    case "knee":
      return knee(model)
    case "silent":
      return Effect.map(DeadPort.unanswered, dead)
    case "closed":
      return Effect.map(DeadPort.closed, dead)
  }
}

const models: ReadonlyArray<Model> = JSON.parse(process.argv[2]!)
const scope = Effect.runSync(Scope.make())
const servers = await Effect.runPromise(Scope.extend(Effect.forEach(models, serve), scope))
const tell = () => process.send!(servers.map((counts) => counts()))
process.on("message", tell)
process.on("disconnect", () => process.exit())
tell()
