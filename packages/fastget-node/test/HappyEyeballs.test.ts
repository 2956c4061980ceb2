import * as HappyEyeballs from "#internal/sockets/HappyEyeballs"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import * as Servers from "./faults/Servers.js"
import { within } from "./Within.js"

/** Permits, and how many are out. */
const permits = (count: number) => {
  let out = 0
  return {
    out: () => out,
    most: 0,
    take() {
      if (out >= count) return false
      this.most = Math.max(this.most, ++out)
      return true
    },
    give: () => {
      out--
    }
  }
}

type Won = { readonly address: string | undefined } | { readonly error: NodeJS.ErrnoException }

/** Races, and closes what won. */
const race = (hosts: ReadonlyArray<string>, port: number, spare?: HappyEyeballs.Spare, timeout = 10_000) =>
  Effect.async<Won>((resume) => {
    const addresses = hosts.map((address) => ({ address, family: Net.isIP(address) }))
    const cancel = HappyEyeballs.race(
      addresses,
      { port, localAddress: undefined, timeout, spare },
      (error, socket) => {
        const address = socket?.remoteAddress
        socket?.destroy()
        resume(Effect.succeed(error === null ? { address } : { error }))
      }
    )
    return Effect.sync(cancel)
  })

const listenAt = (host: string, port = 0) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly connections: () => number; readonly close: () => void }>(
      (resume) => {
        let connections = 0
        const server = Net.createServer((socket) => {
          connections++
          socket.on("error", () => {}).resume()
        })
        server.listen(port, host, () =>
          resume(Effect.succeed({
            port: (server.address() as Net.AddressInfo).port,
            connections: () => connections,
            close: () => server.close()
          })))
      }
    ),
    ({ close }) => Effect.sync(close)
  )

describe.skipIf(process.platform !== "linux")("a race for a connection (on Linux: it has all of 127.0.0.0/8)", () => {
  it.scopedLive("goes to the first address where that answers, and to no other", () =>
    Effect.gen(function*() {
      const first = yield* listenAt("127.0.0.1")
      const second = yield* listenAt("127.0.0.2", first.port)
      expect(yield* race(["127.0.0.1", "127.0.0.2"], first.port)).toEqual({ address: "127.0.0.1" })
      expect(second.connections()).toBe(0)
    }))

  it.scopedLive("passes over addresses that refuse, without a wait and without a permit", () =>
    Effect.gen(function*() {
      const { port } = yield* listenAt("127.0.0.9")
      const none = permits(0)
      const hosts = ["127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.9"]
      expect(yield* race(hosts, port, none)).toEqual({ address: "127.0.0.9" })
      expect(none.out()).toBe(0)
    }))

  it.scopedLive("has a permit for each attempt that overlaps, and gives all of them back", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.full
      yield* listenAt("127.0.0.9", port)
      const some = permits(5)
      expect(yield* race(["127.0.0.1", "127.0.0.9"], port, some)).toEqual({ address: "127.0.0.9" })
      expect([some.most, some.out()]).toEqual([1, 0])
    }))

  it.scopedLive("gives an attempt up after its share of the time only, where there is no permit for another", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.full
      yield* listenAt("127.0.0.9", port)
      const startedAt = performance.now()
      expect(yield* race(["127.0.0.1", "127.0.0.9"], port, permits(0), 1400)).toEqual({ address: "127.0.0.9" })
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(700)
    }))

  it.scopedLive("ends with the failure that says most: of an address without a way there only if there is no other", () =>
    Effect.gen(function*() {
      const port = yield* Servers.closedPort
      const unreachable = yield* race(["255.255.255.255"], port)
      expect(unreachable).toMatchObject({ error: { code: "ENETUNREACH" } })
      for (const hosts of [["127.0.0.1", "255.255.255.255"], ["255.255.255.255", "127.0.0.1"]]) {
        expect(yield* race(hosts, port)).toMatchObject({ error: { code: "ECONNREFUSED", address: "127.0.0.1" } })
      }
    }))

  it.scopedLive("tries the families in turn", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.full
      const four = yield* listenAt("127.0.0.9", port)
      // The full one would be tried again and again before a family that works, were they not in turn.
      const hosts = ["::ffff:127.0.0.1", "::ffff:127.0.0.1", "::ffff:127.0.0.1", "127.0.0.9"]
      const some = permits(1)
      expect(yield* race(hosts, port, some)).toEqual({ address: "127.0.0.9" })
      expect([four.connections(), some.most]).toEqual([1, 1])
    }))

  it.scopedLive("that is canceled leaves no connection and no permit", () =>
    Effect.gen(function*() {
      const { port } = yield* Servers.full
      const some = permits(5)
      let called = false
      const cancel = HappyEyeballs.race(
        ["127.0.0.1", "127.0.0.1"].map((address) => ({ address, family: 4 })),
        { port, localAddress: undefined, timeout: 10_000, spare: some },
        () => {
          called = true
        }
      )
      yield* within(5000, "the second attempt", () => some.out() === 1)
      cancel()
      expect([some.out(), called]).toEqual([0, false])
    }))
})

describe("the addresses of a race", () => {
  it("are of both families in turn, beginning with that of the first", () => {
    const of = (...addresses: ReadonlyArray<string>) =>
      HappyEyeballs.interleaved(addresses.map((address) => ({ address, family: Net.isIP(address) })))
    expect(of("::1", "::2", "1.1.1.1", "::3")).toEqual(["::1", "1.1.1.1", "::2", "::3"])
    expect(of("1.1.1.1", "::1", "::2", "::3")).toEqual(["1.1.1.1", "::1", "::2", "::3"])
  })
})
