import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ConnectionControl from "fastget/platform/ConnectionControl"
import * as FakeHttpClient from "./FakeHttpClient.js"

const control: ConnectionControl.ConnectionControl = { limit: () => {}, open: () => 0, onClosed: () => {} }

describe("the control of a client's connections", () => {
  it.effect("is found at the client that it was attached to, which stays the same client", () =>
    Effect.gen(function*() {
      const client = FakeHttpClient.make(() => Effect.succeed(new Response("fine")))
      expect(ConnectionControl.attach(client, control)).toBe(client)
      expect(ConnectionControl.of(client)).toBe(control)
      const response = yield* client.get("http://a/1")
      expect(yield* response.text).toBe("fine")
    }))

  it("is missing where a client has none", () => {
    const client = FakeHttpClient.make(() => Effect.succeed(new Response("fine")))
    expect(ConnectionControl.of(client)).toBeUndefined()
  })
})
