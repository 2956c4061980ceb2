import type { Connect, Options } from "#internal/sockets/OriginPool"
import { OriginPool } from "#internal/sockets/OriginPool"
import type { Open } from "#internal/sockets/SocketLimit"
import { SocketLimit } from "#internal/sockets/SocketLimit"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LoopbackServer } from "loopback"
import type { ServerResponse } from "node:http"
import * as Net from "node:net"
import * as Undici from "undici"
import { within } from "./Within.js"

const connect: Connect = (wanted, callback) => {
  const socket = Net.connect(Number(wanted.port), wanted.hostname)
  const failed = (error: Error) => callback(error, null)
  socket.once("error", failed)
  socket.once("connect", () => {
    socket.off("error", failed).on("error", () => {})
    callback(null, socket)
  })
}

/** A limit on all connections that knows which idle. */
class Opened extends SocketLimit {
  private readonly all = new Set<Open>()

  override opened(connection: Open): void {
    super.opened(connection)
    this.all.add(connection)
  }

  idle(): number {
    return [...this.all].filter((each) => each.isIdle()).length
  }
}

/** A pool at an address; what it has told is noted. Its scope ends it. */
const makePool = (url: string, options: Partial<Options> = {}) =>
  Effect.gen(function*() {
    const told = { closed: 0, unused: 0 }
    const total = new Opened(100)
    const pool = new OriginPool({
      origin: new URL(url),
      // Undici itself closes none meanwhile.
      client: { keepAliveTimeout: 600_000 },
      connections: 8,
      total,
      connect,
      onClosed: () => told.closed++,
      onUnused: () => told.unused++,
      ...options
    })
    yield* Effect.addFinalizer(() => Effect.promise(() => pool.destroy(new Error("the test is over"))))
    const dispatcher = new (class extends Undici.Dispatcher {
      override dispatch(...request: Parameters<OriginPool["dispatch"]>): boolean {
        return pool.dispatch(...request)
      }
    })()
    /** A request, sent at once: its status, or the error it ended with. */
    const get = (path: string, signal?: AbortSignal): Promise<number | Error> =>
      Undici.request(`${url}${path}`, { dispatcher, ...(signal === undefined ? undefined : { signal }) }).then(
        (response) => response.body.dump().then(() => response.statusCode),
        (error: unknown) => error as Error
      )
    /** Waits until so many connections idle. */
    const idle = (connections: number) => within(30_000, `${connections} idle`, () => total.idle() === connections)
    return { pool, told, get, idle }
  })

/** A server that answers when it is told to, and by which connection each path came. */
const makeServer = Effect.gen(function*() {
  const responses = new Map<string, ServerResponse>()
  const connections = new Map<string, { readonly socket: Net.Socket; readonly port: number }>()
  const server = yield* LoopbackServer.make((request, response) => {
    responses.set(request.url!, response)
    connections.set(request.url!, { socket: request.socket, port: request.socket.remotePort! })
  })
  return {
    server,
    /** Waits until the server has got the requests. */
    arrived: (...paths: ReadonlyArray<string>) =>
      within(30_000, paths.join(), () => paths.every((path) => responses.has(path))),
    answer: (path: string) => void responses.get(path)!.end("fine"),
    close: (path: string) => void connections.get(path)!.socket.destroy(),
    connectionOf: (path: string) => connections.get(path)!.port
  }
})

const make = (options: Partial<Options> = {}) =>
  Effect.gen(function*() {
    const server = yield* makeServer
    return { ...server, ...(yield* makePool(server.server.url, options)) }
  })

describe("the connections of an origin", () => {
  it.scopedLive("are as many as there are requests at once, up to the bound; then requests wait for one that is free", () =>
    Effect.gen(function*() {
      const { answer, arrived, connectionOf, get, pool, server } = yield* make({ connections: 2 })
      const results = ["/1", "/2", "/3"].map((path) => get(path))
      yield* arrived("/1", "/2")
      expect([pool.open, server.allSockets()]).toEqual([2, 2])
      answer("/2")
      expect(yield* Effect.promise(() => results[1]!)).toBe(200)
      yield* arrived("/3")
      expect([connectionOf("/3"), server.allSockets()]).toEqual([connectionOf("/2"), 2])
      answer("/1")
      answer("/3")
      expect(yield* Effect.promise(() => Promise.all(results))).toEqual([200, 200, 200])
    }))

  it.scopedLive("are used again, the one that was used last first, before another is made", () =>
    Effect.gen(function*() {
      const { answer, arrived, connectionOf, get, idle, server } = yield* make()
      const results = ["/1", "/2"].map((path) => get(path))
      yield* arrived("/1", "/2")
      answer("/2")
      yield* idle(1)
      answer("/1")
      yield* idle(2)
      const next = ["/3", "/4"].map((path) => get(path))
      yield* arrived("/3", "/4")
      expect([connectionOf("/3"), connectionOf("/4"), server.allSockets()]).toEqual([
        connectionOf("/1"),
        connectionOf("/2"),
        2
      ])
      answer("/3")
      answer("/4")
      yield* Effect.promise(() => Promise.all([...results, ...next]))
    }))

  it.scopedLive("that are too many are closed as far as they idle, and who waits for that is told when they are", () =>
    Effect.gen(function*() {
      const { answer, arrived, connectionOf, get, pool, server, told } = yield* make()
      const results = ["/1", "/2", "/3"].map((path) => get(path))
      yield* arrived("/1", "/2", "/3")
      answer("/1")
      yield* Effect.promise(() => results[0]!)
      const seen: Array<string> = []
      pool.limit(2, () => seen.push(`first ${pool.open} ${server.openSockets()}`))
      pool.limit(1, () => seen.push(`second ${pool.open}`))
      const fourth = get("/4")
      yield* within(30_000, "the one that idles", () => seen.length === 1)
      // The server has none more by then.
      expect([seen, told.closed]).toEqual([["first 2 2"], 1])
      answer("/3")
      expect(yield* Effect.promise(() => results[2]!)).toBe(200)
      yield* within(30_000, "the one that was busy", () => seen.length === 2)
      expect([seen[1], pool.open, told.closed, told.unused]).toEqual(["second 1", 1, 2, 0])
      answer("/2")
      expect(yield* Effect.promise(() => results[1]!)).toBe(200)
      // One that is to be closed gets no request any more.
      yield* arrived("/4")
      expect([connectionOf("/4"), pool.open]).toEqual([connectionOf("/2"), 1])
      answer("/4")
      expect(yield* Effect.promise(() => fourth)).toBe(200)
    }))

  it.scopedLive("are told of at once where there are not too many, and are never more than at first", () =>
    Effect.gen(function*() {
      const { arrived, get, pool } = yield* make({ connections: 2 })
      let isTold = false
      pool.limit(100, () => {
        isTold = true
      })
      expect(isTold).toBe(true)
      for (const path of ["/1", "/2", "/3"]) void get(path)
      yield* arrived("/1", "/2")
      expect(pool.open).toBe(2)
    }))

  it.scopedLive("that the server closes are made anew, and when none is left that is told", () =>
    Effect.gen(function*() {
      const { answer, arrived, close, get, idle, pool, server, told } = yield* make()
      const first = get("/1")
      yield* arrived("/1")
      close("/1")
      expect(yield* Effect.promise(() => first)).toBeInstanceOf(Error)
      yield* within(30_000, "none left", () => told.unused === 1)
      expect([pool.open, told.closed]).toEqual([0, 1])
      const second = get("/2")
      yield* arrived("/2")
      expect([pool.open, server.allSockets()]).toEqual([1, 2])
      answer("/2")
      expect(yield* Effect.promise(() => second)).toBe(200)
      // The same while it idles.
      yield* idle(1)
      close("/2")
      yield* within(30_000, "none left", () => told.unused === 2)
      void get("/3")
      yield* arrived("/3")
      expect([pool.open, server.allSockets(), told.closed]).toEqual([1, 3, 2])
    }))

  it.scopedLive("that can't be made end their requests with the error, and none is counted", () =>
    Effect.gen(function*() {
      const server = yield* Effect.scoped(LoopbackServer.make())
      const { get, pool, told } = yield* makePool(server.url, { connections: 1 })
      const errors = yield* Effect.promise(() => Promise.all(["/1", "/2", "/3"].map((path) => get(path))))
      expect(errors.map((error) => (error as Error & { code?: string }).code)).toEqual(Array(3).fill("ECONNREFUSED"))
      yield* within(30_000, "none left", () => pool.open === 0)
      expect([told.closed, told.unused > 0]).toEqual([3, true])
    }))

  it.scopedLive("are closed by force where the server does not close its side", () =>
    Effect.gen(function*() {
      const sockets: Array<Net.Socket> = []
      const ended: Array<Net.Socket> = []
      const { port } = yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer({ allowHalfOpen: true }, (socket) => {
            sockets.push(socket)
            socket.on("error", () => {}).on("end", () => ended.push(socket))
            socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))
          })
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) =>
          Effect.async<void>((resume) => {
            server.close(() => resume(Effect.void))
            for (const socket of sockets) socket.destroy()
          })
      ).pipe(Effect.map((server) => server.address() as Net.AddressInfo))
      const { get, pool, told } = yield* makePool(`http://127.0.0.1:${port}`)
      expect(yield* Effect.promise(() => get("/1"))).toBe(200)
      let isGone = false
      pool.limit(0, () => {
        isGone = true
      })
      yield* within(30_000, "our side closed", () => ended.length === 1)
      yield* within(30_000, "gone", () => isGone)
      expect([pool.open, told.closed, told.unused]).toEqual([0, 1, 1])
    }))

  it.scopedLive("that are destroyed end all requests, those that wait as well", () =>
    Effect.gen(function*() {
      const { arrived, get, pool, server } = yield* make({ connections: 1 })
      const results = ["/1", "/2", "/3"].map((path) => get(path))
      yield* arrived("/1")
      yield* Effect.promise(() => pool.destroy(new Error("over")))
      const errors = yield* Effect.promise(() => Promise.all(results))
      expect(errors.every((error) => error instanceof Error)).toBe(true)
      yield* within(30_000, "no connection", () => server.openSockets() === 0)
      expect(server.requests()).toBe(1)
    }))

  it.scopedLive("of a request that is given up go to who waits", () =>
    Effect.gen(function*() {
      const { answer, arrived, get, pool } = yield* make({ connections: 1 })
      const given = new AbortController()
      const first = get("/1", given.signal)
      yield* arrived("/1")
      const second = get("/2")
      given.abort()
      expect(yield* Effect.promise(() => first)).toBeInstanceOf(Error)
      yield* arrived("/2")
      answer("/2")
      expect(yield* Effect.promise(() => second)).toBe(200)
      expect(pool.open).toBe(1)
    }))

  it.scopedLive.each([true, false])(
    "that are being made for one that is given up go to who waits; made: %s",
    (isMade) =>
      Effect.gen(function*() {
        const making: Array<() => void> = []
        const { answer, arrived, get, pool } = yield* make({
          connections: 1,
          connect: (wanted, callback) => {
            if (making.length > 0) return connect(wanted, callback)
            making.push(() => isMade ? connect(wanted, callback) : callback(new Error("none"), null))
          }
        })
        const given = new AbortController()
        const first = get("/1", given.signal)
        yield* within(30_000, "connecting", () => making.length === 1)
        const second = get("/2")
        given.abort()
        making[0]!()
        expect(yield* Effect.promise(() => first)).toBeInstanceOf(Error)
        yield* arrived("/2")
        answer("/2")
        expect(yield* Effect.promise(() => second)).toBe(200)
        expect(pool.open).toBe(1)
      })
  )
})
