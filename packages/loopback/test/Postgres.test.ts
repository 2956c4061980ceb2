import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Postgres } from "loopback"
import * as Net from "node:net"

/** Whether a server listens at the port of a URL. */
const isThere = (url: string): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const { hostname, port } = new URL(url)
    const socket = Net.connect(Number(port), hostname)
    const ended = (is: boolean) => {
      socket.destroy()
      resume(Effect.succeed(is))
    }
    socket.once("connect", () => ended(true)).once("error", () => ended(false))
  })

it("says what is missing, or finds the programs", () => {
  expect(Postgres.problem() === undefined).toBe(Postgres.programs() !== undefined && process.platform !== "win32")
})

it.scopedLive.skipIf(Postgres.isMissing)(
  "a server is there until it is stopped, and gone with its scope",
  () =>
    Effect.gen(function*() {
      const url = yield* Effect.scoped(Effect.gen(function*() {
        const { start, stop, url } = yield* Postgres.make
        expect(yield* isThere(url)).toBe(true)
        stop()
        expect(yield* isThere(url)).toBe(false)
        start()
        expect(yield* isThere(url)).toBe(true)
        return url
      }))
      expect(yield* isThere(url)).toBe(false)
    }),
  60_000
)
