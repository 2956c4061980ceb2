import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Http from "node:http"
import * as LoopbackServer from "../src/LoopbackServer.js"
import * as Ticks from "../src/Ticks.js"

/** The body of an answer; undefined where there is none. */
const get = (url: string, agent: Http.Agent) =>
  Effect.async<string | undefined>((resume) => {
    Http.get(url, { agent }, (response) => {
      let body = ""
      response.on("data", (part) => body += part).on("end", () => resume(Effect.succeed(body)))
    }).on("error", () => resume(Effect.succeed(undefined)))
  })

const makeAgent = Effect.acquireRelease(
  Effect.sync(() => new Http.Agent({ keepAlive: true })),
  (agent) => Effect.sync(() => agent.destroy())
)

it.scopedLive("names the path, and counts its requests and sockets", () =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make()
    const agent = yield* makeAgent
    expect(yield* get(`${server.url}/1`, agent)).toBe("{\"path\":\"/1\"}")
    expect(yield* get(`${server.url}/2?x`, agent)).toBe("{\"path\":\"/2?x\"}")
    expect([server.requests(), server.allSockets(), server.openSockets()]).toEqual([2, 1, 1])
    agent.destroy()
    yield* Ticks.within(5000, "no socket", () => server.openSockets() === 0)
  }))

it.scopedLive("knows how many requests are unanswered, and how many were at once", () =>
  Effect.gen(function*() {
    const waiting: Array<Http.ServerResponse> = []
    const server = yield* LoopbackServer.make((_, response) => void waiting.push(response))
    const agent = yield* makeAgent
    const answers = yield* Effect.fork(
      Effect.all([1, 2, 3].map((n) => get(`${server.url}/${n}`, agent)), { concurrency: "unbounded" })
    )
    yield* Ticks.within(5000, "all requests", () => server.unanswered() === 3)
    for (const response of waiting) response.end("ok")
    expect(yield* Effect.flatten(answers.await)).toEqual(["ok", "ok", "ok"])
    yield* Ticks.within(5000, "none unanswered", () => server.unanswered() === 0)
    expect(server.mostAtOnce()).toBe(3)
  }))

it.live("closes with its scope, whatever is still connected", () =>
  Effect.gen(function*() {
    const agent = new Http.Agent()
    const waiting = yield* Effect.scoped(Effect.gen(function*() {
      const server = yield* LoopbackServer.make(() => {})
      const waiting = yield* Effect.forkDaemon(get(server.url, agent))
      yield* Ticks.within(5000, "the request", () => server.unanswered() === 1)
      return waiting
    }))
    expect(yield* Effect.flatten(waiting.await)).toBeUndefined()
  }))
