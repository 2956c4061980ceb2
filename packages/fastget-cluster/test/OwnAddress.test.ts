import * as Effect from "effect/Effect"
import * as Net from "node:net"
import { expect, it } from "vitest"
import * as OwnAddress from "../src/internal/engine/OwnAddress.js"

const find = (given: OwnAddress.Given) => Effect.runPromise(Effect.either(OwnAddress.find(given)))

it("listens on loopback only where it is reached by loopback", async () => {
  expect(await find({ host: "127.0.0.1", port: 7 })).toMatchObject({
    right: { host: "127.0.0.1", port: 7, listenHost: "127.0.0.1" }
  })
  expect(await find({ host: "runner-1.example.com", port: 7 })).toMatchObject({
    right: { host: "runner-1.example.com", port: 7, listenHost: "0.0.0.0" }
  })
  expect(await find({ host: "10.0.0.7", port: 7, listenHost: "10.0.0.8" })).toMatchObject({
    right: { listenHost: "10.0.0.8", listenPort: 7 }
  })
  expect(await find({ host: "127.0.0.1", port: 7, listenPort: 8 })).toMatchObject({ right: { port: 7, listenPort: 8 } })
})

it("finds an address and a port that is free", async () => {
  const found = await find({})
  expect(found).toMatchObject({ right: { host: expect.stringMatching(/^[\d.]+$/), port: expect.any(Number) } })
  const { port } = (found as { readonly right: OwnAddress.Address }).right
  const server = Net.createServer().listen(port)
  await new Promise((resolve) => server.once("listening", resolve))
  server.close()
  expect(port).toBeGreaterThan(0)
})

it("says why it can't listen", async () => {
  expect(await find({ host: "a.example.com", listenHost: "192.0.2.1" })).toMatchObject({
    left: { reason: { _tag: "Listen", detail: expect.stringContaining("EADDRNOTAVAIL") } }
  })
})
