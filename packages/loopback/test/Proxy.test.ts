import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LoopbackServer, Proxy } from "loopback"
import { once } from "node:events"
import * as Net from "node:net"

const get = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n"

it.scopedLive("passes on, and nothing while it is cut", () =>
  Effect.gen(function*() {
    const server = yield* LoopbackServer.make()
    const proxy = yield* Proxy.make(Number(new URL(server.url).port))
    const connect = () => Net.connect(proxy.port, "127.0.0.1").setEncoding("utf8")
    const first = connect()
    first.write(get)
    expect(String(yield* Effect.promise(() => once(first, "data")))).toContain("200")
    proxy.cut()
    first.write(get)
    const second = connect()
    second.write(get)
    yield* Effect.promise(() => once(second, "connect"))
    proxy.mend()
    const third = connect()
    third.write(get)
    expect(String(yield* Effect.promise(() => once(third, "data")))).toContain("200")
    expect(server.requests()).toBe(2)
    for (const socket of [first, second, third]) socket.destroy()
  }))
