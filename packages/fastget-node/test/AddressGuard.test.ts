import * as AddressGuard from "#internal/sockets/AddressGuard"
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { FastGet } from "fastget"
import { NodeFastGet, NodeGetClient } from "fastget-node"
import * as Http from "node:http"
import type { AddressInfo, LookupFunction } from "node:net"
import * as TestWorkers from "./TestWorkers.js"

const guard = Either.getOrThrow(AddressGuard.make())

/** The first and the last address of each range, and the ones beside it. */
const refused: ReadonlyArray<readonly [rule: string, ...addresses: ReadonlyArray<string>]> = [
  ["this network", "0.0.0.0", "0.255.255.255"],
  ["private", "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"],
  ["shared", "100.64.0.0", "100.127.255.255", "100.100.100.200"],
  ["loopback", "127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"],
  ["link-local", "169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "febf::1", "fe80::1%eth0"],
  ["protocol assignments", "192.0.0.0", "192.0.0.255", "2001:1::1", "2001:1ff::1"],
  ["documentation", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1", "3fff:fff::1"],
  ["6to4", "192.88.99.1", "2002:7f00:1::", "2002:808:808::"],
  ["benchmarking", "198.18.0.0", "198.19.255.255", "2001:2::1"],
  ["multicast", "224.0.0.1", "239.255.255.255", "ff02::1"],
  ["reserved", "240.0.0.0", "255.255.255.254", "::2", "::7f00:1", "::ffff:0:7f00:1", "200::1", "4000::1", "fe00::1"],
  ["broadcast", "255.255.255.255"],
  ["unspecified", "::"],
  ["Teredo", "2001::1", "2001:0:7f00:1::"],
  ["unique local", "fc00::1", "fd00:ec2::254", "fdff::1"],
  ["site-local", "fec0::1", "feff::1"],
  ["local NAT64", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808"],
  ["discard-only", "100::1"],
  ["segment routing", "5f00::1"]
]

const fine = [
  "1.0.0.0",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "169.253.255.255",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2001:200::1",
  "2001:4860:4860::8888",
  "2606:4700::1111",
  "2a00::1",
  "3ffe::1"
]

describe("the guard on addresses", () => {
  it.each(refused)("refuses %s, from the first address to the last", (rule, ...addresses) => {
    expect(addresses.map((address) => [address, guard(address)])).toEqual(addresses.map((address) => [address, rule]))
  })

  it("lets the addresses beside them pass", () => {
    expect(fine.filter((address) => guard(address) !== undefined)).toEqual([])
  })

  it("judges what carries an address of IPv4 by that", () => {
    expect(guard("::ffff:127.0.0.1")).toBe("loopback")
    expect(guard("::ffff:a01:203")).toBe("private")
    expect(guard("::ffff:8.8.8.8")).toBeUndefined()
    expect(guard("64:ff9b::169.254.169.254")).toBe("link-local")
    expect(guard("64:ff9b::808:808")).toBeUndefined()
    expect(guard("64:ff9b::")).toBe("this network")
  })

  it("refuses what is no address", () => {
    expect(guard("example.com")).toBe("no address")
    expect(guard("")).toBe("no address")
  })

  it("makes exceptions of addresses and ranges", () => {
    const guard = Either.getOrThrow(AddressGuard.make(["127.0.0.2", "10.1.0.0/16", "fd00:1::/32"]))
    const passing = ["127.0.0.2", "::ffff:127.0.0.2", "10.1.255.255", "fd00:1::1"]
    expect(passing.filter((address) => guard(address) !== undefined)).toEqual([])
    expect(["127.0.0.1", "127.0.0.3", "10.2.0.0", "fd00:2::1"].filter((address) => guard(address) === undefined))
      .toEqual([])
  })

  it.each(["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "fd00::/129", "10.0.0"])(
    "knows that %j is neither",
    (text) => {
      expect(AddressGuard.make([text])).toEqual(Either.left(text))
    }
  )
})

/** A server on any address of this machine, and how many connections it got. */
const listen = (host: string, listener: Http.RequestListener = (_, response) => void response.end("{}")) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly connections: () => number; readonly close: () => void }>(
      (resume) => {
        let connections = 0
        const server = Http.createServer(listener).on("connection", () => connections++)
        server.listen(0, host, () =>
          resume(Effect.succeed({
            port: (server.address() as AddressInfo).port,
            connections: () => connections,
            close: () => {
              server.close()
              server.closeAllConnections()
            }
          })))
      }
    ),
    ({ close }) => Effect.sync(close)
  )

/** A resolver of a few names. What a function gives may change from time to time. */
const resolver =
  (names: Readonly<Record<string, () => ReadonlyArray<string>>>): LookupFunction => (name, options, done) => {
    const addresses = (names[name]?.() ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
    process.nextTick(() =>
      options.all === true ? done(null, addresses) : done(null, addresses[0]!.address, addresses[0]!.family)
    )
  }

const over = (options: NodeGetClient.Options, fastPath = true) =>
  Effect.provide(
    Layer.provide(
      FastGet.layer({ logLevel: "None", fastPath, retry: { times: 2, base: 1, cap: 1 } }),
      NodeGetClient.layer({ denyPrivate: true, ...options })
    )
  )

const errorOf = (url: string) =>
  Effect.map(Effect.flip(FastGet.get(url)), (error) => {
    if (error._tag !== "FetchError") throw error
    const { attempts, reason, retryable } = error
    return { attempts, reason, retryable }
  })

const blockedBy = (address: string, rule: string) => ({
  attempts: 1,
  reason: { _tag: "Blocked", address, rule },
  retryable: false
})

describe.each([true, false])("denyPrivate, with fastPath %s,", (fastPath) => {
  it.scopedLive("refuses an address in whatever form the URL has it, with no connection and no retry", () =>
    Effect.gen(function*() {
      const server = yield* listen("127.0.0.1")
      const hosts = ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1.", "１２７.0.0.1"]
      for (const host of hosts) {
        expect(yield* errorOf(`http://${host}:${server.port}/`)).toEqual(blockedBy("127.0.0.1", "loopback"))
      }
      expect(yield* errorOf(`http://0:${server.port}/`)).toEqual(blockedBy("0.0.0.0", "this network"))
      expect(yield* errorOf(`http://[::1]:${server.port}/`)).toEqual(blockedBy("::1", "loopback"))
      expect(yield* errorOf(`http://[::ffff:127.0.0.1]:${server.port}/`))
        .toEqual(blockedBy("::ffff:7f00:1", "loopback"))
      expect(yield* errorOf(`https://169.254.169.254/`)).toEqual(blockedBy("169.254.169.254", "link-local"))
      expect(server.connections()).toBe(0)
    }).pipe(over({}, fastPath)))

  it.scopedLive("refuses names of this machine", () =>
    Effect.gen(function*() {
      const server = yield* listen("127.0.0.1")
      for (const host of ["localhost", "LOCALHOST", "a.localhost", "localhost."]) {
        expect(yield* errorOf(`http://${host}:${server.port}/`))
          .toMatchObject({ reason: { _tag: "Blocked", rule: "loopback" } })
      }
      expect(server.connections()).toBe(0)
    }).pipe(over({}, fastPath)))

  it.scopedLive("refuses a name whose addresses are all refused, and tells the first", () =>
    Effect.gen(function*() {
      expect(yield* errorOf("http://inside.example/")).toEqual(blockedBy("10.0.0.7", "private"))
    }).pipe(over({ lookup: resolver({ "inside.example": () => ["10.0.0.7", "::1"] }) }, fastPath)))

  it.scopedLive("of a name with several addresses connects to those that are fine, and to no other", () =>
    Effect.gen(function*() {
      const inside = yield* listen("127.0.0.1")
      const both = yield* listen("127.0.0.2")
      const lookup = resolver({ "both.example": () => ["127.0.0.1", "127.0.0.2"] })
      const get = (port: number) => FastGet.get(`http://both.example:${port}/`)
      yield* Effect.gen(function*() {
        expect(yield* get(both.port)).toEqual({})
        expect(yield* Effect.flip(get(inside.port))).toMatchObject({ reason: { _tag: "Connect" } })
      }).pipe(over({ lookup, denyPrivate: { allow: ["127.0.0.2"] } }, fastPath))
      expect([inside.connections(), both.connections()]).toEqual([0, 1])
    }))

  it.scopedLive("is not fooled by a name whose address changes, with or without the cache", () =>
    Effect.gen(function*() {
      const server = yield* listen("127.0.0.1")
      for (const dnsTtl of [1, 10_000]) {
        let asked = 0
        const lookup = resolver({ "rebind.example": () => [asked++ === 0 ? "127.0.0.2" : "127.0.0.1"] })
        const url = `http://rebind.example:${server.port}/`
        yield* Effect.gen(function*() {
          // Nobody listens at the address that is allowed.
          expect(yield* errorOf(url)).toMatchObject({
            reason: { _tag: expect.stringMatching(/^(Connect|Blocked)$/) }
          })
          yield* Effect.sleep(5)
          expect(yield* errorOf(url)).toMatchObject({ reason: { _tag: dnsTtl === 1 ? "Blocked" : "Connect" } })
        }).pipe(over({ lookup, dnsTtl, denyPrivate: { allow: ["127.0.0.2"] } }, fastPath))
      }
      expect(server.connections()).toBe(0)
    }))

  it.scopedLive("refuses where a redirect leads", () =>
    Effect.gen(function*() {
      const inside = yield* listen("127.0.0.1")
      const outside = yield* listen("127.0.0.2", (request, response) => {
        response.writeHead(302, { location: decodeURIComponent((request.url ?? "").slice(1)) })
        response.end()
      })
      yield* Effect.gen(function*() {
        for (const host of ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"]) {
          const location = encodeURIComponent(`http://${host}:${inside.port}/`)
          expect(yield* errorOf(`http://127.0.0.2:${outside.port}/${location}`))
            .toMatchObject({ attempts: 1, reason: { _tag: "Blocked", rule: "loopback" } })
        }
      }).pipe(over({ denyPrivate: { allow: ["127.0.0.2"] } }, fastPath))
      expect(inside.connections()).toBe(0)
      expect(outside.connections()).toBeGreaterThan(0)
    }))
})

describe("denyPrivate of a layer", () => {
  const urlsOf = (port: number) => [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`]

  it.scopedLive.each([undefined, "own-client"] as const)(
    "reaches its threads (worker: %s)",
    (worker) =>
      Effect.gen(function*() {
        const inside = yield* listen("127.0.0.1")
        const outside = yield* listen("127.0.0.2")
        const spawn: Pick<NodeFastGet.Options, "worker"> = worker === undefined
          ? {}
          : { worker: (options) => TestWorkers.spawn(worker, options)() }
        yield* Effect.gen(function*() {
          for (const url of urlsOf(inside.port)) {
            expect(yield* errorOf(url)).toMatchObject({ attempts: 1, reason: { _tag: "Blocked", rule: "loopback" } })
          }
          expect(yield* FastGet.get(`http://127.0.0.2:${outside.port}/`)).toEqual({})
        }).pipe(
          Effect.provide(NodeFastGet.layer({
            numWorkers: 1,
            logLevel: "None",
            denyPrivate: { allow: ["127.0.0.2/32"] },
            ...spawn
          }))
        )
        expect(inside.connections()).toBe(0)
      })
  )

  const defectOf = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.map(Effect.exit(effect), (exit) => Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "none")

  it.effect("together with a proxy is a defect, which says why", () =>
    Effect.gen(function*() {
      const options = { denyPrivate: true, client: { proxyFromEnv: true } }
      const layer = yield* defectOf(Effect.provide(FastGet.get("http://a/"), NodeFastGet.layer(options)))
      expect(layer).toContain("denyPrivate can't be true: it takes false together with proxyFromEnv")
      const client = NodeGetClient.make({ denyPrivate: true, proxyFromEnv: true })
      expect(yield* defectOf(Effect.scoped(client))).toContain("false together with proxyFromEnv")
    }))

  it.effect("with exceptions that are no addresses is a defect, which shows them", () =>
    Effect.gen(function*() {
      const layer = NodeFastGet.layer({ denyPrivate: { allow: ["10.0.0.0/40"] } })
      expect(yield* defectOf(Effect.provide(FastGet.get("http://a/"), layer))).toContain("10.0.0.0/40")
    }))

  it.effect("is refused where nothing could keep it", () =>
    Effect.gen(function*() {
      const layer = Layer.provide(FastGet.layer({ denyPrivate: true }), NodeGetClient.layer())
      expect(yield* defectOf(Effect.provide(FastGet.get("http://a/"), layer)))
        .toContain("denyPrivate can't be true: it takes false in FastGet.layer")
    }))
})
