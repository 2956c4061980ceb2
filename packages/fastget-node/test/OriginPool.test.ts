import * as Dispatch from "#internal/client/Dispatch"
import { Exchange, type Limits } from "#internal/client/Exchange"
import { ConnectionPools } from "#internal/sockets/ConnectionPools"
import type { Connect } from "#internal/sockets/OriginPool"
import { SocketLimit } from "#internal/sockets/SocketLimit"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Answered, Failed } from "fastget/platform/QuickGet"
import { LoopbackServer } from "loopback"
import * as Net from "node:net"
import { listen } from "./ClientServers.js"
import { within } from "./Within.js"

const limits: Limits = {
  timeout: 10_000,
  deadline: Infinity,
  headersTimeout: 10_000,
  bodyTimeout: 10_000,
  maxBodyBytes: 100_000,
  maxHeaderBytes: 16_384
}

const connected: Connect = (wanted, callback) => {
  let isMade = false
  const socket = Net.connect(Number(wanted.port), "127.0.0.1", () => {
    isMade = true
    callback(null, socket)
  })
  socket.on("error", (error) => isMade || callback(error, null))
}

const failure = (code: string) => Object.assign(new Error(code), { code })

const pools = (connect: Connect, connections: number, inAll = connections) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const total = new SocketLimit(inAll)
        return { total, pools: new ConnectionPools({ client: {}, connections, total, connect }) }
      }),
      ({ pools }) => Effect.promise(() => pools.destroy())
    ),
    ({ pools, total }) => {
      const send = (origin: string, done: (end: Answered | Failed) => void, headers: ReadonlyArray<string> = []) =>
        new Exchange(pools, Dispatch.request(origin, "/", headers), limits, done)
      const get = (origin: string, headers?: ReadonlyArray<string>) =>
        Effect.async<Answered | Failed>((resume) => void send(origin, (end) => resume(Effect.succeed(end)), headers))
      return { pools, total, send, get }
    }
  )

it.scopedLive("a connection that can't be made is free for the next request, whatever the reason was", () =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make()
    const codes = ["ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED", "ECONNREFUSED", "ERR_TLS_CERT_ALTNAME_INVALID"]
    const { get, pools: made } = yield* pools((wanted, callback) => {
      const code = codes.shift()
      if (code === undefined) connected(wanted, callback)
      else setImmediate(() => callback(failure(code), null))
    }, 1)
    const ends = yield* Effect.forEach(Array.from({ length: 6 }), () => get(server.url), { concurrency: "unbounded" })
    expect(ends.map(({ _tag }) => _tag)).toEqual(["Failed", "Failed", "Failed", "Failed", "Answered", "Answered"])
    expect([made.open(server.url), server.allSockets()]).toEqual([1, 1])
  }))

it.scopedLive("a request that is refused before it is sent leaves its connection to the next", () =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make()
    const { get } = yield* pools(connected, 1)
    expect((yield* get(server.url, ["x-a", "\n"]))._tag).toBe("Failed")
    expect((yield* get(server.url))._tag).toBe("Answered")
    expect((yield* get(server.url, ["x-a", "\n"]))._tag).toBe("Failed")
    expect((yield* get(server.url))._tag).toBe("Answered")
    expect(server.allSockets()).toBe(1)
  }))

it.scopedLive("a request that is cancelled closes its connection, and none is made in its place", () =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make(() => {})
    const { pools: made, send } = yield* pools(connected, 4)
    const sent = Array.from({ length: 4 }, () => send(server.url, () => {}))
    yield* within(10_000, "four requests", () => server.unanswered() === 4)
    for (const exchange of sent) exchange.cancel()
    yield* within(10_000, "no connection", () => made.open(server.url) === 0 && server.openSockets() === 0)
    yield* Effect.sleep(50)
    expect([server.allSockets(), server.openSockets()]).toEqual([4, 0])
  }))

it.scopedLive("a request without a bound of its own is sent after those with one have gone", () =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make()
    const { get, pools: made } = yield* pools(connected, 2)
    made.limit(server.url, 1)
    expect((yield* get(server.url))._tag).toBe("Answered")
    made.limit(server.url, 0)
    expect((yield* get(server.url))._tag).toBe("Answered")
  }))

/** Numbers from 0 to 1, the same for the same seed. */
const randomOf = (seed: number) => () => {
  seed = seed + 0x6d2b79f5 | 0
  const mixed = Math.imul(seed ^ seed >>> 15, seed | 1)
  const more = mixed ^ mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
  return ((more ^ more >>> 14) >>> 0) / 2 ** 32
}

/** Does anything to its connections and answers. */
const unreliable = (random: () => number) => {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
  return Net.createServer((socket) => {
    socket.on("error", () => {})
    if (random() < 0.1) return void socket.resetAndDestroy()
    socket.on("data", () => {
      const what = Math.floor(random() * 12)
      const later = (f: () => void) => setTimeout(f, random() * 4)
      if (what === 0) return void socket.resetAndDestroy()
      if (what === 1) return void socket.end()
      if (what === 2) return void socket.end(answer.slice(0, -1))
      if (what === 3) return void socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}")
      if (what === 4) return void socket.write("HTTP/1.1 ", () => later(() => socket.destroy()))
      later(() => {
        socket.write(answer)
        // Closed while it idles, or while the next request is on its way.
        if (what === 5) later(() => socket.end())
        if (what === 6) later(() => socket.resetAndDestroy())
      })
    })
  })
}

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_102)
const rounds = Number(process.env.POOL_ROUNDS ?? 4)

it.scopedLive(
  `loses no request and no connection, whatever becomes of them (seed ${seed})`,
  () =>
    Effect.gen(function*() {
      for (let round = 0; round < rounds; round++) {
        const random = randomOf(seed + round)
        const ports = yield* Effect.replicateEffect(Effect.suspend(() => listen(unreliable(random))), 3)
        const origins = [...ports, 9].map((port) => `http://127.0.0.1:${port}`)
        const codes = ["ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED"]
        let most = 0
        const made = yield* pools(
          (wanted, callback) => {
            most = Math.max(most, origins.reduce((sum, origin) => sum + made.pools.open(origin), 0))
            const code = random() < 0.1 ? codes[Math.floor(random() * codes.length)] : undefined
            if (code === undefined) connected(wanted, callback)
            else setTimeout(() => callback(failure(code), null), random() * 4)
          },
          6,
          10
        )
        let sent = 0
        let left = 600
        let unmet = 0
        const next = () => {
          if (sent++ >= 600) return
          const origin = origins[Math.floor(random() * origins.length)]!
          let isOver = false
          const end = () => {
            if (isOver) return
            isOver = true
            left--
            next()
          }
          const exchange = made.send(origin, end, random() < 0.05 ? ["x-a", "\n"] : [])
          if (random() < 0.2) {
            setTimeout(() => {
              if (isOver) return
              exchange.cancel()
              end()
            }, random() * 6)
          }
          if (random() < 0.1) {
            unmet++
            made.pools.limit(origin, 1 + Math.floor(random() * 6), () => unmet--)
            // As the gate does: a bound that was lowered is raised when there is more to be had.
            setTimeout(() => made.pools.limit(origin, 6), random() * 20)
          }
        }
        for (let n = 0; n < 30; n++) next()
        yield* within(20_000, `the end of all requests of round ${round}`, () => left === 0)
        yield* within(5000, `the bounds to be met in round ${round}`, () => unmet === 0)
        let closed = 0
        for (const origin of origins) made.pools.limit(origin, 0, () => closed++)
        yield* within(5000, "all connections to be closed", () => origins.every((key) => made.pools.open(key) === 0))
        expect(closed).toBe(origins.length)
        const permits = Array.from({ length: 11 }, () => made.total.tryAcquire())
        expect(permits.filter((isFree) => isFree).length).toBe(10)
      }
    }),
  120_000
)
