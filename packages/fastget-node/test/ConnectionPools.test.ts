import { ConnectionPools } from "#internal/sockets/ConnectionPools"
import type { Connect } from "#internal/sockets/OriginPool"
import { SocketLimit } from "#internal/sockets/SocketLimit"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { LoopbackServer } from "loopback"
import * as Net from "node:net"
import * as Undici from "undici"

it.scopedLive("pools under one limit close the connection of an origin that idles for that of another", () =>
  Effect.gen(function*() {
    const servers = yield* Effect.replicateEffect(LoopbackServer.make(), 3)
    let open = 0
    let most = 0
    const connect: Connect = (wanted, callback) => {
      const socket = Net.connect(Number(wanted.port), wanted.hostname, () => callback(null, socket))
      most = Math.max(most, ++open)
      socket.on("error", () => {}).once("close", () => open--)
    }
    const agent = yield* Effect.acquireRelease(
      Effect.sync(() => new ConnectionPools({ client: {}, connections: 8, total: new SocketLimit(1), connect })),
      (agent) => Effect.promise(() => agent.destroy())
    )
    for (const { url } of [...servers, ...servers]) {
      const { statusCode } = yield* Effect.promise(() =>
        Undici.request(`${url}/json/1`, { dispatcher: agent }).then(async (response) => {
          await response.body.dump()
          return response
        })
      )
      expect(statusCode).toBe(200)
    }
    expect(most).toBe(1)
  }))
