import * as Descriptors from "#internal/sockets/Descriptors"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FastGet, FastGetConfig } from "fastget"
import { NodeGetClient } from "fastget-node"
import { LoopbackServer } from "loopback"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

/** Some servers, and the most connections they ever had open together. */
const servers = (count: number, handler?: LoopbackServer.Handler) =>
  Effect.gen(function*() {
    let most = 0
    const all: Array<LoopbackServer.LoopbackServer> = []
    for (let n = 0; n < count; n++) {
      all.push(
        yield* LoopbackServer.make((request, response) => {
          most = Math.max(most, all.reduce((sum, server) => sum + server.openSockets(), 0))
          ;(handler ?? LoopbackServer.echoPath)(request, response)
        })
      )
    }
    return { urls: all.map(({ url }) => url), most: () => most, requests: () => all.map((server) => server.requests()) }
  })

describe("the limit of open files", () => {
  it.effect.skipIf(process.platform === "win32")("is known", () =>
    Effect.gen(function*() {
      const limit = yield* Descriptors.softLimit
      expect(Option.getOrElse(limit, () => 0)).toBeGreaterThan(100)
    }))

  it.effect("leaves room for the threads and for a quarter of itself", () =>
    Effect.sync(() => {
      expect(Descriptors.roomFor(256, 2)).toBe(176)
      expect(Descriptors.roomFor(1024, 2)).toBe(768)
      expect(Descriptors.roomFor(64, 4)).toBe(4)
    }))

  it.effect.skipIf(process.platform === "win32")(
    "lowers what does not fit it, and warns of what was asked for",
    () =>
      Effect.gen(function*() {
        const warnings: Array<string> = []
        const fit = (options: FastGetConfig.LayerOptions) =>
          Effect.flatMap(
            FastGetConfig.resolve(options, FastGetConfig.defaults(2)),
            (settings) => Descriptors.fit(settings, options)
          ).pipe(Effect.provide(Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ logLevel, message }) => void warnings.push(`${logLevel._tag} ${String(message)}`))
          )))
        const room = Descriptors.roomFor(Option.getOrThrow(yield* Descriptors.softLimit), 2)
        expect(yield* fit({})).toMatchObject({ connectionsPerOrigin: 64, maxConnections: Math.min(4096, room) })
        expect(warnings).toEqual([])
        expect(yield* fit({ maxConnections: 1_000_000 })).toMatchObject({ maxConnections: room })
        expect(warnings.length).toBe(1)
        expect(warnings[0]).toMatch(
          new RegExp(`^Warning FastGet opens at most ${room} connections, and not 1000000: .*ulimit -n`)
        )
      })
  )

  it.scopedLive.skipIf(process.platform === "win32")(
    "of 256 is never reached with the default limits: 100 origins with 20 entries each",
    () =>
      Effect.gen(function*() {
        const { most, requests, urls } = yield* servers(100, (request, response) => {
          setTimeout(() => LoopbackServer.echoPath(request, response), 20)
        })
        const program = fileURLToPath(new URL("./programs/many-origins.mjs", import.meta.url))
        const output = yield* Effect.async<string>((resume) => {
          const limited = ["-c", "ulimit -n 256 && exec \"$0\" \"$@\"", process.execPath, program, ...urls]
          execFile("sh", limited, (error, stdout, stderr) =>
            resume(Effect.succeed(error === null ? stdout : `${error.message}\n${stderr}`)))
        })
        expect(JSON.parse(output)).toEqual({ ok: 2000 })
        expect(requests()).toEqual(urls.map(() =>
          20
        ))
        expect(most()).toBeGreaterThan(100)
      }),
    120_000
  )
})

describe("connectionsInAll", () => {
  it.scopedLive.each([1, 4])(
    "is the most there are (%i), over more origins than that",
    (connectionsInAll) =>
      Effect.gen(function*() {
        const { most, urls } = yield* servers(8)
        const entries = Array.from({ length: 400 }, (_, n) => [n, `${urls[n % 8]}/${n}`] as const)
        // No gate before it here: the client's own bound has to do.
        const layer = Layer.provide(
          FastGet.layer({ logLevel: "None", retry: { times: 0 } }),
          NodeGetClient.layer({ connectionsInAll, connections: 16 })
        )
        expect(yield* Stream.runCount(FastGet.stream(entries)).pipe(Effect.provide(layer))).toBe(400)
        // A server may learn of the end of a connection after the next one, of another server, has begun.
        expect(most()).toBeLessThanOrEqual(connectionsInAll + 8)
      })
  )

  it.scopedLive("counts waiting for a connection as no time-out", () =>
    Effect.gen(function*() {
      const { most, urls } = yield* servers(6, (request, response) => {
        setTimeout(() => LoopbackServer.echoPath(request, response), 100)
      })
      const entries = urls.map((url, n) => [n, `${url}/${n}`] as const)
      const layer = Layer.provide(
        FastGet.layer({ logLevel: "None", timeout: 500, retry: { times: 0 } }),
        NodeGetClient.layer({ connectionsInAll: 1 })
      )
      expect(yield* Stream.runCount(FastGet.stream(entries)).pipe(Effect.provide(layer))).toBe(6)
      expect(most()).toBeLessThanOrEqual(3)
    }))
})
